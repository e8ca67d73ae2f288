// A peer of stage 3: the same promises on an event loop of our own (Loop.swift), without a package.
// SPDX-License-Identifier: Apache-2.0
//
//     LoopEcho PORT
//
// `STAGE3_SERVER=.../LoopEcho swift test --filter Stage3` puts it through stage 3's checks.
// RingEcho has this very file, and another loop beneath it.

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

let port = Console.start()
signal(SIGPIPE, SIG_IGN)
do {
    let loops = try (0..<sysconf(CInt(_SC_NPROCESSORS_ONLN))).map { _ in try Loop() }
    let listener = try Listener(port: port, on: loops[0])
    Console.log("Listening on 127.0.0.1:\(listener.port)")
    Task.detached(executorPreference: loops[0]) { await acceptForever(from: listener, loops) }
    for loop in loops.dropFirst() { try loop.start() }
    // This thread is the first loop's.
    loops[0].run()
} catch let error as SystemError where error.call == "listen" {
    Console.cannotListen(on: port, error, error.code)
} catch {
    Console.fail("\(error)")
}

/// Accepts one client after the other, for the loops in turn.
nonisolated(nonsending) func acceptForever(from listener: Listener, _ loops: [Loop]) async {
    for turn in 0... { await acceptNext(from: listener, for: loops[turn % loops.count]) }
}

/// Accepts a client, and starts a task for it on its loop.
///
/// A function of its own: what a loop without an end holds is never released.
nonisolated(nonsending) func acceptNext(from listener: Listener, for loop: Loop) async {
    do {
        let client = try await listener.accept(for: loop)
        Task.detached(executorPreference: loop) { await serve(client) }
    } catch {
        Console.error("Accept error: \(error)")
        // Out of descriptors, accept fails at once, again and again: don't spin.
        await listener.loop.pause(milliseconds: 100)
    }
}

/// Serves one client to the end; an error ends this connection and no other.
nonisolated(nonsending) func serve(_ client: Connection) async {
    let peer = client.peer
    Console.log("Connected: \(peer)")
    do {
        try await echo(client)
    } catch {
        Console.error("Error from \(peer): \(error)")
    }
    client.hangUp()
    Console.log("Disconnected: \(peer)")
}

/// Sends back what arrives until the client ends its stream, then ends ours.
nonisolated(nonsending) func echo(_ client: Connection) async throws {
    try client.open()
    while true {
        let bytes = try await client.receive()
        if bytes.isEmpty { break }
        try await client.sendAll(bytes)
    }
    try client.shutdownWrite()
}
