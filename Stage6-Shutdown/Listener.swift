// Stage 3's listener, which also enters every client into a register, and pauses when descriptors
// run out. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A socket that listens on 127.0.0.1, with the kernel's queue of clients not yet accepted.
struct Listener {
    /// SwiftNIO's side of the socket.
    private let channel: any Channel

    /// Creates a socket that listens on a port, 0 for any free one; nobody is accepted yet.
    init(
        port: UInt16, register: Register, serve: @escaping @Sendable (Client) async -> Void
    ) async throws {
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            // How many may wait to be accepted: as many as the kernel allows.
            .serverChannelOption(.backlog, value: .max)
            // Without it, bind fails for a minute after a run that had clients (TIME_WAIT).
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Nagle's algorithm off: a reply leaves at once. Accepted sockets inherit it from here.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Off until `acceptClients`, so that the log begins with the "Listening" line.
            .serverChannelOption(.autoRead, value: false)
            .serverChannelInitializer { listener in
                listener.eventLoop.makeCompletedFuture {
                    try listener.pipeline.syncOperations.addHandler(AcceptErrors())
                }
            }
            // Without it, a client that shuts its write side loses the replies still on their way.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read of at most 16 KiB, then it's the next client's turn. The buffer starts
            // small: NIO's usual 2 KiB would be nearly a quarter of what a silent client costs.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 16_384)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.startTask(for: channel, register, serve)
                }
            }
            .bind(host: "127.0.0.1", port: Int(port)).get()
    }

    /// Wraps a channel as a client and starts its task, which ends when the connection does.
    private static func startTask(
        for channel: any Channel, _ register: Register,
        _ serve: @escaping @Sendable (Client) async -> Void
    ) throws {
        try channel.pipeline.syncOperations.addHandler(IncomingHandler())
        // Two chunks may wait for the task; nothing more is read until it has taken both.
        let client = try Client(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
        // A client accepted after the signal is on nobody's list, and would never be told.
        guard register.enter(channel) else { return channel.close(promise: nil) }
        Task(executorPreference: LoopExecutor(channel.eventLoop)) {
            await serve(client)
            register.leave(channel)
        }
    }

    /// The port that the socket is bound to.
    var port: Int { channel.localAddress?.port ?? 0 }
    /// Stops accepting clients.
    func close() -> EventLoopFuture<Void> { channel.close() }
    /// Accepts clients, and starts a task for each; returns when the listener has closed.
    func acceptClients() async {
        try? await channel.setOption(.autoRead, value: true).get()
        try? await channel.closeFuture.get()
    }
}

/// Logs a failed `accept`, and pauses accepting for 0.1 s: descriptors may have run out.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// Handles a failed `accept`; if the error is none that can pass, SwiftNIO closes the listener.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        Console.error("Accept error: \(error)")
        // ECONNABORTED means that one client has left already: no reason to keep the next waiting.
        guard let error = error as? IOError, error.errnoCode != ECONNABORTED else { return }
        let listener = context.channel
        listener.setOption(.autoRead, value: false).whenSuccess {
            listener.eventLoop.scheduleTask(in: .milliseconds(100)) {
                listener.setOption(.autoRead, value: true)
            }
        }
    }
}
