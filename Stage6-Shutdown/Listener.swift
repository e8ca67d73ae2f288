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

/// A socket that listens on 127.0.0.1: an address, and a queue of clients that the kernel keeps.
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
            // Until `acceptClients`: the first line of the log is to be the listener's.
            .serverChannelOption(.autoRead, value: false)
            .serverChannelInitializer { listener in
                listener.eventLoop.makeCompletedFuture {
                    try listener.pipeline.syncOperations.addHandler(AcceptErrors())
                }
            }
            // Without it, a client that shuts its write side loses the replies still on their way.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read of at most 16 KiB before it is the next client's turn. The buffer starts
            // small: the usual 2 KiB are nearly a quarter of what a silent client costs.
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

    /// Makes a client of a channel, and starts its task on the channel's own loop.
    private static func startTask(
        for channel: any Channel, _ register: Register,
        _ serve: @escaping @Sendable (Client) async -> Void
    ) throws {
        try channel.pipeline.syncOperations.addHandler(IncomingHandler())
        // Two chunks may wait for the task; then nothing more is read until it asks.
        let client = try Client(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
        // Whoever is just being accepted at the signal has come too late.
        guard register.enter(channel) else { return channel.close(promise: nil) }
        Task(executorPreference: LoopExecutor(channel.eventLoop)) {
            await serve(client)
            register.leave(channel)
        }
    }

    /// The port that the socket is bound to.
    var port: Int { channel.localAddress?.port ?? 0 }
    /// Accepts nobody any more.
    func close() -> EventLoopFuture<Void> { channel.close() }
    /// Accepts clients, and starts a task for each; returns when the listener has closed.
    func acceptClients() async {
        try? await channel.setOption(.autoRead, value: true).get()
        try? await channel.closeFuture.get()
    }
}

/// Logs what goes wrong with accepting, and pauses it for 0.1 s when descriptors have run out.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// Handles a failed `accept`; after some errors, the listener is closed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        Console.error("Accept error: \(error)")
        // Not if one client had gone before it was accepted: why should the next one wait for that?
        guard let error = error as? IOError, error.errnoCode != ECONNABORTED else { return }
        let listener = context.channel
        listener.setOption(.autoRead, value: false).whenSuccess {
            listener.eventLoop.scheduleTask(in: .milliseconds(100)) {
                listener.setOption(.autoRead, value: true)
            }
        }
    }
}
