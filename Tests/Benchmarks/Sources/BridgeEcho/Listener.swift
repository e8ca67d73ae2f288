// How SwiftNIO is told to listen: stage 3's file, with another bridge in each client's pipeline.
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

/// A socket that listens on 127.0.0.1: an address, and a queue of clients that the kernel keeps.
struct Listener {
    /// SwiftNIO's side of the socket.
    private let channel: any Channel

    /// Creates a socket that listens on a port, 0 for any free one; nobody is accepted yet.
    ///
    /// `serve` is what the task of a client does; it has to close the connection at its end.
    init(port: UInt16, serve: @escaping @Sendable (Client) async -> Void) async throws {
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
                    try listener.pipeline.syncOperations.addHandlers(
                        [AcceptErrors(), AcceptBackoffHandler()] as [any ChannelHandler])
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
                    try channel.pipeline.syncOperations.addHandler(Client(channel, serve: serve))
                }
            }
            .bind(host: "127.0.0.1", port: Int(port)).get()
    }

    /// The port that the socket is bound to.
    var port: Int { channel.localAddress?.port ?? 0 }

    /// Accepts clients, and starts a task for each; returns when the listener has closed.
    func acceptClients() async {
        try? await channel.setOption(.autoRead, value: true).get()
        try? await channel.closeFuture.get()
    }
}

extension Channel {
    /// The peer's address and port; `unknown` if it had gone before it could be asked.
    var peer: String {
        remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    }
}

/// Logs what goes wrong with accepting, and leaves it to SwiftNIO to pause.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel
    /// When the next error is worth a line: there can be thousands in a second.
    private var nextLine = NIODeadline.now()

    /// Handles a failed `accept`; after some of them, the listener is closed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if .now() >= nextLine {
            Console.error("Accept error: \(error)")
            nextLine = .now() + .seconds(1)
        }
        // Not if one client had gone before it was accepted: why should the next one wait for that?
        if let error = error as? IOError, error.errnoCode != ECONNABORTED {
            context.fireErrorCaught(error)
        }
    }
}
