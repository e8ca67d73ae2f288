// A peer of stage 3: echo in a `ChannelHandler`, NIO's own way, without async/await.
// SPDX-License-Identifier: Apache-2.0
//
//     HandlerEcho [BYTES] PORT     BYTES: a fixed buffer for reads, instead of NIO's adaptive one

import NIOCore
import NIOPosix

/// Sends back what arrives, all that one turn of the loop has read with one flush.
final class Echo: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Hands the bytes to the channel, which keeps them until the flush.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.write(data, promise: nil)
    }

    /// Sends what was handed over.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /// Stops reading while the client does not read, and goes on when it does.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
    }

    /// Closes after an error, which concerns this client only.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let port = numbers.last.flatMap { UInt16(exactly: $0) } ?? 0
do {
    let allocator: any RecvByteBufferAllocator =
        if numbers.count == 2 {
            FixedSizeRecvByteBufferAllocator(capacity: numbers[0])
        } else {
            AdaptiveRecvByteBufferAllocator()
        }
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: .max)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.recvAllocator, value: allocator)
        .childChannelInitializer { $0.pipeline.addHandler(Echo()) }
        .bind(host: "127.0.0.1", port: Int(port)).get()
    Console.log("Listening on 127.0.0.1:\(listener.localAddress?.port ?? 0)")
    try await listener.closeFuture.get()
} catch {
    Console.cannotListen(on: port, error, (error as? IOError)?.errnoCode)
}
