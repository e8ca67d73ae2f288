// How SwiftNIO is told to listen, and how a client gets its task. The same file in stages 3 to 5.
// SPDX-License-Identifier: Apache-2.0

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
    ///
    /// `serve` runs as each client's task; it must close the connection before it returns.
    init(port: UInt16, serve: @escaping @Sendable (Client) async -> Void) async throws {
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
                    try listener.pipeline.syncOperations.addHandlers(
                        [AcceptErrors(), AcceptBackoffHandler()] as [any ChannelHandler])
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
                channel.eventLoop.makeCompletedFuture { try Self.startTask(for: channel, serve) }
            }
            .bind(host: "127.0.0.1", port: Int(port)).get()
    }

    /// Wraps a channel as a client and starts its task, which ends when the connection does.
    private static func startTask(
        for channel: any Channel, _ serve: @escaping @Sendable (Client) async -> Void
    ) throws {
        // Two chunks may wait for the task; nothing more is read until it has taken both.
        let client = try Client(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
        Task(executorPreference: LoopExecutor(channel.eventLoop)) { await serve(client) }
    }

    /// The port that the socket is bound to.
    var port: Int { channel.localAddress?.port ?? 0 }

    /// Accepts clients, and starts a task for each; returns when the listener has closed.
    func acceptClients() async {
        try? await channel.setOption(.autoRead, value: true).get()
        try? await channel.closeFuture.get()
    }
}

/// Logs failed accepts; SwiftNIO's own handler pauses once at best, then spins (see stage 6).
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel
    /// When the next error is worth a line: there can be thousands in a second.
    private var nextLine = NIODeadline.now()

    /// Handles a failed `accept`; if the error is none that can pass, SwiftNIO closes the listener.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if .now() >= nextLine {
            Console.error("Accept error: \(error)")
            nextLine = .now() + .seconds(1)
        }
        // ECONNABORTED means that one client has left already: no reason to keep the next waiting.
        if let error = error as? IOError, error.errnoCode != ECONNABORTED {
            context.fireErrorCaught(error)
        }
    }
}
