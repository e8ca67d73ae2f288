// Stage 4: a server of messages: a frame is a length and that many bytes, read by hand.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  TCP carries bytes, not messages: where one ends is for us to say. A limit, checked
//              before a byte is stored. All replies to one read in one write.
// Still wrong: framing and logic in one loop (stage 5); no goodbye, and accepting spins when
//              descriptors run out (stage 6).
// Try it:      swift run Stage4-Framing, then: printf '\0\0\0\2hi' | nc -N 127.0.0.1 8080 | xxd
//
//     |  0   0   0   2 | 'h' 'i' |    A frame: the payload's length, 4 bytes, the highest first;
//       0   1   2   3    4   5        then the payload.

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

/// Answers frame after frame until the client has no more to say, then says the same.
func answer(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound, outbound in
        var stream = ByteStream(chunks: inbound.makeAsyncIterator(), outbound: outbound)
        do {
            while var header = try await stream.read(exactly: 4) {
                let length = Int(header.readInteger(as: UInt32.self) ?? 0)
                // The length is only the peer's claim: believed, 4 bytes could cost us 4 GiB.
                let limit = 16 << 20
                guard length <= limit else { throw FrameError.tooLong(length, limit: limit) }
                guard let payload = try await stream.read(exactly: length) else {
                    throw FrameError.truncated
                }
                let text = String(buffer: payload)
                Console.log("From \(peer): \(Console.quoted(text))")
                // Length and payload wait for one common write. Written one by one, with Nagle's
                // algorithm on, the payload would wait for the length's acknowledgement: 40 ms.
                let opening = "Received \(length) bytes: "
                stream.owed.writeInteger(UInt32(opening.utf8.count + text.utf8.count))
                stream.owed.writeString(opening)
                stream.owed.writeString(text)
            }
        } catch let error as FrameError {
            // Ends the conversation; what was asked before it is still answered.
            Console.error("Error from \(peer): \(error)")
        }
        try await stream.finish(client.channel)
    }
}

/// Why a frame is not answered.
enum FrameError: Error {
    /// Its length, in bytes, is over the limit.
    case tooLong(Int, limit: Int)
    /// The stream ended inside its length or its payload.
    case truncated
}

/// A connection's bytes in the portions that the reader wants, and what is owed in return.
struct ByteStream {
    /// What arrives, in the portions in which it does.
    var chunks: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    /// Where replies go.
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    /// What is left of the last chunk that arrived.
    var chunk = ByteBuffer()
    /// The replies that have not been written yet.
    var owed = ByteBuffer()

    /// Reads `count` bytes, in however many chunks they come; nil if the stream ends before them.
    mutating func read(exactly count: Int) async throws -> ByteBuffer? {
        if let bytes = chunk.readSlice(length: count) { return bytes }
        // Grows with what has arrived. Room for `count` bytes would cost us what the peer announces.
        var bytes = chunk.slice()
        while bytes.readableBytes < count {
            try await flush()  // Before we wait, and not earlier: one write for many replies.
            guard let next = try await chunks.next() else {
                guard bytes.readableBytes == 0 else { throw FrameError.truncated }
                return nil
            }
            chunk = next
            let missing = min(count - bytes.readableBytes, chunk.readableBytes)
            if var part = chunk.readSlice(length: missing) { bytes.writeBuffer(&part) }
        }
        return bytes
    }

    /// Writes what is owed; waits while the client doesn't read.
    mutating func flush() async throws {
        guard owed.readableBytes > 0 else { return }
        try await outbound.write(owed)
        owed = ByteBuffer()
    }

    /// Says end of stream behind the last reply, then waits for the peer's, for 2 s at most.
    mutating func finish(_ channel: any Channel) async throws {
        try await flush()
        // `write` returns before the kernel has the bytes, and a close now would drop them. An
        // empty write that is awaited is done when all before it are.
        try await channel.writeAndFlush(ByteBuffer())
        try await channel.close(mode: .output)
        // A close with bytes unread is a reset, and that destroys replies on their way.
        let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        while (try? await chunks.next()) != nil {}
        end.cancel()
    }
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
