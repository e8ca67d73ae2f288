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
import NIOPosix
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A connection as its task sees it: events to await, and a place to write bytes.
typealias Client = NIOAsyncChannel<Event, ByteBuffer>

do {
    let register = Register()
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        // As many waiting clients as the kernel allows: it cuts the number to its SOMAXCONN.
        .serverChannelOption(.backlog, value: .max)
        // Without it, bind fails for a minute after a run that had clients (TIME_WAIT).
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        // Nagle's algorithm off: a reply leaves at once. Accepted sockets inherit it from here.
        .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .serverChannelInitializer { $0.pipeline.addHandler(AcceptErrors()) }
        // Without it, a client that shuts its write side loses the replies still on their way.
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .bind(host: "127.0.0.1", port: Console.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Events())
                let client = try Client(wrappingChannelSynchronously: channel)
                register.add(channel)
                // A listener that closes drops clients that nobody has taken yet, and NIO traps if
                // one goes with its writer open (NIOAsyncWriter.swift): keep it until it's closed.
                channel.closeFuture.whenComplete { _ in
                    withExtendedLifetime(client) { register.remove(channel) }
                }
                return client
            }
        }
    let signals = shutDownOnSignal(listener.channel, register)
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    // Discarding: a task that has ended is forgotten at once, not kept until somebody asks.
    await withDiscardingTaskGroup { tasks in
        // No error comes out here: a client's stays in `serve`, the listener's in `AcceptErrors`.
        try? await listener.executeThenClose { clients in
            for try await client in clients {
                tasks.addTask { await serve(client) }
            }
        }
        if register.isServing { Console.error("Accept error: the listener has closed") }
    }
    withExtendedLifetime(signals) {}
    if register.isServing {
        Console.fail("Server stopped: it no longer accepts, and its last client has gone.")
    }
    Console.log("Server stopped.")
} catch {
    Console.cannotListen((error as? IOError)?.errnoCode)
}

/// Shuts down at the first SIGINT or SIGTERM, and ends the process at the second.
func shutDownOnSignal(_ listener: any Channel, _ register: Register) -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)  // Its default action would end the process.
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            guard let clients = register.startDraining() else { _exit(128 + number) }
            Console.log("Shutdown signal received")
            listener.close(promise: nil)
            for client in clients { client.pipeline.fireUserInboundEventTriggered(Event.shutdown) }
            // Some don't read, some don't close: 2 s of patience, for all of them together.
            listener.eventLoop.scheduleTask(in: .seconds(2)) {
                for client in register.clients { client.close(promise: nil) }
            }
        }
        source.resume()
        return source
    }
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: Client) async {
    let address = client.channel.remoteAddress
    let peer = address.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
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

/// What a client's task awaits.
enum Event {
    /// The client has sent something.
    case bytes(ByteBuffer)
    /// The server shuts down.
    case shutdown
}

/// Puts the shutdown behind the bytes that were read before it, on their way to the client's task.
final class Events: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Event

    /// Passes bytes on.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(.bytes(unwrapInboundIn(data))))
    }

    /// Turns the shutdown, which a channel calls a user event, into something to read.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case Event.shutdown = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.fireChannelRead(wrapInboundOut(.shutdown))
        context.fireChannelReadComplete()
    }
}

/// Who is connected, so that a shutdown reaches them all.
final class Register: Sendable {
    /// What goes on; it never turns back.
    private enum Phase { case serving, draining }
    /// Both under one lock, so that everyone is told once: by `startDraining` or by `add`.
    private let state = Mutex((phase: Phase.serving, clients: [ObjectIdentifier: any Channel]()))

    /// Whether the shutdown is still to come.
    var isServing: Bool { state.withLock { $0.phase == .serving } }
    /// Who is connected now.
    var clients: [any Channel] { state.withLock { Array($0.clients.values) } }

    /// Enters a client; one that comes after the shutdown began is told at once.
    func add(_ client: any Channel) {
        let phase = state.withLock { state in
            state.clients[ObjectIdentifier(client)] = client
            return state.phase
        }
        if phase == .draining { client.pipeline.fireUserInboundEventTriggered(Event.shutdown) }
    }

    /// Strikes a client out.
    func remove(_ client: any Channel) {
        state.withLock { $0.clients[ObjectIdentifier(client)] = nil }
    }

    /// Begins the shutdown: returns whom to tell of it, or nil if it has begun before.
    func startDraining() -> [any Channel]? {
        state.withLock { state in
            guard state.phase == .serving else { return nil }
            state.phase = .draining
            return Array(state.clients.values)
        }
    }
}

/// Keeps errors from the accept loop, which any would end, and pauses accepting for 0.1 s.
final class AcceptErrors: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel

    /// Logs the error: out of descriptors, most of the time.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        Console.error("Accept error: \(error)")
        // Out of descriptors, accept fails at once, again and again: don't spin, wait 0.1 s.
        let listener = context.channel
        listener.setOption(.autoRead, value: false).whenSuccess {
            listener.eventLoop.scheduleTask(in: .milliseconds(100)) {
                listener.setOption(.autoRead, value: true)
            }
        }
    }
}
