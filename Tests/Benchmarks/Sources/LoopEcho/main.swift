// A peer of stage 3: the same promises on an event loop of our own (Loop.swift), without a package.
// SPDX-License-Identifier: Apache-2.0
//
//     LoopEcho PORT
//
// `STAGE3_SERVER=.../LoopEcho swift test --filter Stage3` puts it through stage 3's checks.

import CBench

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

signal(SIGPIPE, SIG_IGN)
var port = Int32(Console.port)
let listener = listen_on_loopback(&port, SOMAXCONN, true, false)
if listener < 0 { Console.cannotListen(errno) }
Console.log("Listening on 127.0.0.1:\(port)")

let loops = (0..<sysconf(CInt(_SC_NPROCESSORS_ONLN))).map { _ in Loop() }
// This thread accepts, and waits in the kernel for it; the loops take the clients in turn.
for turn in 0... {
    do {
        let client = try Connection.accept(from: listener, on: loops[turn % loops.count])
        Task.detached(executorPreference: client.loop) { await serve(client) }
    } catch {
        Console.error("Accept error: \(error)")
        // Out of descriptors, accept fails at once, again and again: don't spin, wait 0.1 s.
        usleep(100_000)
    }
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: Connection) async {
    Console.log("Connected: \(client.peer)")
    do {
        try await echo(client)
    } catch {
        Console.error("Error from \(client.peer): \(error)")
    }
    Console.log("Disconnected: \(client.peer)")
}

/// Sends back what arrives until the client has no more to say, then says the same.
func echo(_ client: Connection) async throws {
    // Pages that no byte has been read into cost nothing.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while true {
        let count = try await client.receive(into: buffer)
        if count == 0 { break }
        try await client.sendAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    try client.shutdownWrite()
}
