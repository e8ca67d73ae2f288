// Stage 6: the echo server of stage 3, with a graceful shutdown.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  on a signal, stop accepting, tell every client, and drain, up to a deadline; on a
//              second one, exit. Accepting pauses, not spins, when descriptors run out.
// Still wrong: bytes again, so the farewell looks like echoed data; no idle timeout, no limit on
//              the number of clients.
// Try it:      swift run Stage6-Shutdown; in another terminal: nc 127.0.0.1 8080; Ctrl-C here

import Dispatch
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

await run(on: Console.start())

/// Listens on a port, and starts a task for every client, until a signal ends it.
func run(on port: UInt16) async -> Never {
    do {
        let register = Register()
        let listener = try await Listener(port: port, register: register, serve: serve)
        let signals = await shutDownOnSignal(listener, register)
        Console.log("Listening on 127.0.0.1:\(listener.port)")
        await listener.acceptClients()
        if register.isServing { Console.fail("Server stopped: the listener has closed by itself.") }
        _ = Shutdown.announced  // Logs the signal, unless a client's task has done so already.
        await register.lastHasLeft()
        for signal in signals { signal.cancel() }  // Kept until here: a freed source hears nothing.
        Console.log("Server stopped.")
        exit(EXIT_SUCCESS)
    } catch {
        Console.cannotListen(on: port, error, (error as? IOError)?.errnoCode)
    }
}

/// Shuts down at the first signal that asks for it; the second one ends the process.
func shutDownOnSignal(
    _ listener: Listener, _ register: Register
) async -> [any DispatchSourceSignal] {
    let queue = DispatchQueue(label: "signals")
    var sources: [any DispatchSourceSignal] = []
    // Ctrl-C; what `kill` and supervisors send; a terminal that has closed.
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !isIgnored(SIGHUP) {
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
            guard let clients = register.startDraining() else { _exit(128 + number) }
            drain(clients, of: listener, on: queue)
        }
        // Until the source is registered, the signal ends the process by default: none gets lost.
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.resume()
        }
        sources.append(source)
        #if canImport(Darwin)
            signal(number, SIG_IGN)  // On Darwin, the default action would run beside the source.
        #endif
    }
    return sources
}

/// Sets the deadline, closes the listener and tells everyone; never waits, not even for the log.
func drain(_ clients: [any Channel], of listener: Listener, on queue: DispatchQueue) {
    // Some clients don't read, some don't close: after 2 s, exiting closes them all.
    DispatchQueue.global().asyncAfter(deadline: .now() + 2) {
        Console.log("Server stopped.")
        _exit(EXIT_SUCCESS)
    }
    queue.asyncAfter(deadline: .now() + 2.1) { _exit(EXIT_SUCCESS) }  // In case the log is stuck.
    // One Ctrl-C may bring two signals: the terminal sends it to us and to our parent, which passes
    // it on. So a second one is heard after 0.5 s at the earliest: the farewells go out first.
    queue.suspend()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.5) { queue.resume() }
    // The listener first: a client that has the farewell, and connects again, is refused.
    listener.close().whenComplete { _ in
        for client in clients { client.pipeline.fireUserInboundEventTriggered(Incoming.shutdown) }
    }
}

/// Whether the program was started with a signal ignored, as nohup does with SIGHUP.
func isIgnored(_ number: Int32) -> Bool {
    let before = signal(number, SIG_DFL)
    guard unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) else {
        return false
    }
    signal(number, SIG_IGN)
    return true
}

/// Serves one client to the end; an error ends this connection and no other.
func serve(_ client: Client) async {
    let peer = client.channel.peer
    Console.log("Connected: \(peer)")
    do {
        try await echo(client, at: peer)
    } catch {
        Console.error("Error from \(peer): \(error)")
    }
    Console.log("Disconnected: \(peer)")
}

/// Sends back what arrives until the client ends its stream or we shut down, then ends ours.
func echo(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound in
        var incoming = inbound.makeAsyncIterator()
        while let next = try await incoming.next() {
            guard case .bytes(let bytes) = next else {  // The shutdown.
                try await sayGoodbye(to: client.channel, at: peer)
                break
            }
            // Returns once the kernel has taken all the bytes: it waits for a client that doesn't
            // read. Meanwhile, at most two more chunks are read from that client: back-pressure.
            try await client.channel.writeAndFlush(bytes)
        }
        // A close with bytes unread sends a reset, which can destroy the farewell on its way.
        while (try? await incoming.next()) != nil {}
    }
}

/// Sends the farewell, and says that nothing follows it.
func sayGoodbye(to client: any Channel, at peer: String) async throws {
    try await client.writeAndFlush(ByteBuffer(string: "Server shutting down\n"))
    try await client.close(mode: .output)
    _ = Shutdown.announced
    Console.log("Shutting down connection: \(peer)")
}

/// The log line about the shutdown as a whole.
enum Shutdown {
    /// Logs it at first use, and only then: before any other line about the shutdown.
    static let announced: Void = Console.log("Shutdown signal received")
}
