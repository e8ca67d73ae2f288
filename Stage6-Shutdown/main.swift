// Stage 6: the echo server of stage 3, with a graceful shutdown.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  a signal: accept nobody else, tell every client, drain, up to a deadline; a second
//              signal. And accepting pauses, instead of spinning, when descriptors run out.
// Still wrong: bytes again, so the farewell looks like echoed data; no idle timeout, no limit to
//              the number of clients.
// Try it:      swift run Stage6-Shutdown; in another terminal: nc 127.0.0.1 8080; Ctrl-C here

import Dispatch
import NIOCore
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

do {
    let register = Register()
    let listener = try await listen(on: Console.port, register)
    let signals = await shutDownOnSignal(listener.channel, register)
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    // Not on the pool of threads that tasks run on by default: on Linux, that pool ends the process
    // when it needs a descriptor and there is none (libdispatch, _dispatch_workq_monitor_pools).
    await withTaskExecutorPreference(LoopExecutor(listener.channel.eventLoop)) {
        await acceptForever(from: listener)
    }
    // The listener has closed, and the last client has gone.
    withExtendedLifetime(signals) {}
    if register.isServing { Console.fail("Server stopped: the listener has closed by itself.") }
    Console.log("Server stopped.")
} catch {
    Console.cannotListen((error as? IOError)?.errnoCode)
}

/// Accepts one client after the other and starts a task for each.
func acceptForever(from listener: NIOAsyncChannel<Client, Never>) async {
    // Discarding: a task that has ended is forgotten at once, not kept until somebody asks.
    await withDiscardingTaskGroup { tasks in
        // No error comes out here: a client's stays in `serve`, the listener's in `AcceptErrors`.
        try? await listener.executeThenClose { clients in
            for try await client in clients {
                let loop = LoopExecutor(client.channel.eventLoop)
                tasks.addTask(executorPreference: loop) { await serve(client) }
            }
        }
    }
}

/// Shuts down at the first SIGINT or SIGTERM, and ends the process at the second.
func shutDownOnSignal(
    _ listener: any Channel, _ register: Register
) async -> [any DispatchSourceSignal] {
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)  // Its default action would end the process.
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler {
            guard let clients = register.startDraining() else { _exit(128 + number) }
            // Elsewhere: a log that blocks must not keep us from hearing the second signal.
            listener.eventLoop.execute {
                Console.log("Shutdown signal received")
                listener.close(promise: nil)
                for client in clients {
                    client.pipeline.fireUserInboundEventTriggered(Event.shutdown)
                }
            }
            // Some don't read, some don't close: 2 s of patience, then the end closes them all.
            listener.eventLoop.scheduleTask(in: .seconds(2)) {
                Console.log("Server stopped.")
                _exit(EXIT_SUCCESS)
            }
        }
        return source
    }
    for source in sources {
        // Until it is registered, a signal would be ignored, and lost.
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.resume()
        }
    }
    return sources
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
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

/// Sends back what arrives until the client has no more to say, or we have, then says the same.
func echo(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound, outbound in
        var events = inbound.makeAsyncIterator()
        reading: while let event = try await events.next() {
            switch event {
            case .bytes(let bytes):
                // Waits while the client doesn't read. Nothing more is read then: back-pressure.
                try await outbound.write(bytes)
            case .shutdown:
                Console.log("Shutting down connection: \(peer)")
                try await outbound.write(ByteBuffer(string: "Server shutting down\n"))
                break reading
            }
        }
        // `write` returns before the kernel has the bytes, and a close now would drop them. An
        // empty write that is awaited is done when all before it are.
        try await client.channel.writeAndFlush(ByteBuffer())
        try await client.channel.close(mode: .output)
        // A close with bytes unread is a reset, and that destroys the farewell on its way.
        while (try? await events.next()) != nil {}
    }
}

/// Who is connected, so that a shutdown reaches them all.
final class Register: Sendable {
    /// The clients, nil from the signal on; under one lock, so that everyone is told once.
    private let clients = Mutex<[ObjectIdentifier: any Channel]?>([:])

    /// Whether the shutdown is still to come.
    var isServing: Bool { clients.withLock { $0 != nil } }

    /// Enters a client until it is closed; one that comes after the signal is told at once.
    func add(_ client: any Channel) {
        let id = ObjectIdentifier(client)
        let isServing = clients.withLock { clients in
            clients?[id] = client
            return clients != nil
        }
        client.closeFuture.whenComplete { _ in self.clients.withLock { $0?[id] = nil } }
        if !isServing { client.pipeline.fireUserInboundEventTriggered(Event.shutdown) }
    }

    /// Begins the shutdown and returns whom to tell; nil if it has begun before.
    func startDraining() -> [any Channel]? {
        clients.withLock { clients in
            defer { clients = nil }
            return clients.map { Array($0.values) }
        }
    }
}
