// Stage 5: the messages of stage 4 through a codec.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  a decoder and an encoder know the wire, the loop knows the meaning. The codec is
//              tested without a socket.
// Still wrong: no goodbye, and accepting spins when descriptors run out (stage 6).
// Try it:      swift run Stage5-Codec, then: printf '\0\0\0\2hi' | nc -N 127.0.0.1 8080 | xxd

import NIOCore
import NIOPosix

/// A connection as its task sees it: chunks of bytes to await, and a place to write them.
typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

do {
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
                let client = try Client(wrappingChannelSynchronously: channel)
                // A listener that closes drops clients that nobody has taken yet, and NIO traps if
                // one goes with its writer open (NIOAsyncWriter.swift): keep it until it's closed.
                channel.closeFuture.whenComplete { _ in withExtendedLifetime(client) {} }
                return client
            }
        }
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    // Discarding: a task that has ended is forgotten at once, not kept until somebody asks.
    await withDiscardingTaskGroup { tasks in
        // No error comes out here: a client's stays in `serve`, the listener's in `AcceptErrors`.
        try? await listener.executeThenClose { clients in
            for try await client in clients {
                tasks.addTask { await serve(client) }
            }
        }
        Console.error("Accept error: the listener has closed")
    }
    Console.fail("Server stopped: it no longer accepts, and its last client has gone.")
} catch {
    Console.cannotListen((error as? IOError)?.errnoCode)
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: Client) async {
    let address = client.channel.remoteAddress
    let peer = address.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    Console.log("Connected: \(peer)")
    do {
        try await answer(client, at: peer)
    } catch {
        Console.error("Error from \(peer): \(error)")
    }
    Console.log("Disconnected: \(peer)")
}

/// Answers message after message until the client has no more to say, then says the same.
func answer(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound, outbound in
        var chunks = inbound.makeAsyncIterator()
        let messages = NIOSingleStepByteToMessageProcessor(FrameCodec())
        var owed = ByteBuffer()
        do {
            while let chunk = try await chunks.next() {
                try messages.process(buffer: chunk) { text in
                    Console.log("From \(peer): \(Console.quoted(text))")
                    try FrameCodec().encode(data: "Got it: \(text)", out: &owed)
                }
                // All replies to one read leave in one write.
                if owed.readableBytes > 0 { try await outbound.write(owed) }
                owed = ByteBuffer()
            }
            try messages.finishProcessing(seenEOF: true) { _ in }
        } catch let error as FrameError {
            // Ends the conversation; what was asked before it is still answered.
            Console.error("Error from \(peer): \(error)")
        }
        if owed.readableBytes > 0 { try await outbound.write(owed) }
        try await finish(client.channel, &chunks)
    }
}

/// Says end of stream behind the last reply, then waits for the peer's, for 2 s at most.
func finish(
    _ channel: any Channel,
    _ chunks: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
) async throws {
    // `write` returns before the kernel has the bytes, and a close now would drop them. An empty
    // write that is awaited is done when all before it are.
    try await channel.writeAndFlush(ByteBuffer())
    try await channel.close(mode: .output)
    // A close with bytes unread is a reset, and that destroys replies on their way.
    let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    while (try? await chunks.next()) != nil {}
    end.cancel()
}

/// Keeps from the accept loop, which any error would end, what concerns one client only.
final class AcceptErrors: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel

    /// Logs errors but for the system's, with which NIO deals itself (AcceptBackoffHandler).
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError { return context.fireErrorCaught(error) }
        // On Darwin, of a client that was reset while it was being accepted.
        Console.error("Accept error: \(error)")
    }
}
