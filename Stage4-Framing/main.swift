// Stage 4: a server of messages: a frame is a length and that many bytes, read by hand.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  TCP carries bytes, not messages: where one ends is for us to say. A limit, checked
//              before a byte is stored. All replies to one read in one write.
// Still wrong: framing and logic in one loop (stage 5); no goodbye, and accepting spins when
//              descriptors run out (stage 6).
// Try it:      swift run Stage4-Framing, then: printf '\0\0\0\2hi' | nc -N 127.0.0.1 8080 | xxd
//              (without -N on macOS)
//
//     |  0   0   0   2 | 'h' 'i' |    A frame: the payload's length, 4 bytes, the highest first;
//       0   1   2   3    4   5        then the payload.

import NIOCore

do {
    let listener = try await listen(on: Console.port)
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    // Not on the pool of threads that tasks run on by default: on Linux, that pool ends the process
    // when it needs a descriptor and there is none (libdispatch, _dispatch_workq_monitor_pools).
    await withTaskExecutorPreference(LoopExecutor(listener.channel.eventLoop)) {
        await acceptForever(from: listener)
    }
    Console.fail("Server stopped: the listener has closed by itself.")
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
        Console.error("Accept error: the listener has closed")
    }
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: Client) async {
    let peer = client.channel.peer
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
                guard length <= limit else {
                    throw FrameError.tooLong(length: length, limit: limit)
                }
                // One statement: a payload with a name would stay in memory beside text and reply.
                guard let text = try await stream.read(exactly: length).map({ String(buffer: $0) })
                else { throw FrameError.truncated }
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
enum FrameError: Error, CustomStringConvertible {
    /// Its length, in bytes, is over the limit.
    case tooLong(length: Int, limit: Int)
    /// The stream ended inside its length or its payload.
    case truncated

    /// The reason in words.
    var description: String {
        switch self {
        case .tooLong(let length, let limit): "frame of \(length) bytes, the limit is \(limit)"
        case .truncated: "truncated frame"
        }
    }
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
