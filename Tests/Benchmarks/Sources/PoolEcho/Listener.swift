// How NIO's own async example listens: an async sequence of clients, each wrapped for async/await.
// The same file in PoolEcho and FramedEcho. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A client's channel, whose bytes a task reads and writes.
typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

/// Listens on 127.0.0.1, with the settings of stage 3.
func listen(on port: Int) async throws -> NIOAsyncChannel<Client, Never> {
    try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: .max)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelOption(
            .recvAllocator,
            value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)
        )
        .bind(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let client = try Client(wrappingChannelSynchronously: channel)
                // A listener that closes drops clients that nobody has taken yet, and NIO traps if
                // one goes with its writer open (NIOAsyncWriter.swift): keep it until it's closed.
                channel.closeFuture.whenComplete { _ in withExtendedLifetime(client) {} }
                return client
            }
        }
}

extension Channel {
    /// The peer's address and port; `unknown` if the peer had already gone.
    var peer: String {
        remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    }
}
