// Stage 4: messages instead of bytes. A frame is a length and that many bytes, read by hand.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  TCP carries bytes, not messages: we say where a message ends. We check a length
//              before we store a byte. All replies to one read leave in one write.
// Still wrong: framing waits for the channel itself, so it can't be tested alone (stage 5); no
//              goodbye, and accepting spins when descriptors run out (stage 6).
// Try it:      swift run Stage4-Framing, then: printf '\0\0\0\2hi' | nc -N 127.0.0.1 8080 | xxd
//              (without -N on macOS)
//
//     |  0   0   0   2 | 'h' 'i' |    A frame: the payload's length, 4 bytes, big-endian;
//       0   1   2   3    4   5        then the payload.

import NIOCore

await run(on: Console.start())

/// Listens on a port, and starts a task for every client, for ever.
func run(on port: UInt16) async -> Never {
    do {
        let listener = try await Listener(port: port, serve: serve)
        Console.log("Listening on 127.0.0.1:\(listener.port)")
        await listener.acceptClients()
        Console.fail("Server stopped: the listener has closed by itself.")
    } catch {
        Console.cannotListen(on: port, error, (error as? IOError)?.errnoCode)
    }
}

/// Serves one client to the end; an error ends this connection and no other.
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

/// Answers frame after frame until the client ends its stream, then ends ours.
func answer(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound in
        var stream = FrameStream(inbound: inbound.makeAsyncIterator(), channel: client.channel)
        do {
            while let length = try await stream.readLength() {
                let text = try await stream.readText(length)
                Console.log("From \(peer): \(text.quoted)")
                stream.reply("Received \(length) bytes: ", text)
            }
            try await stream.finish()
        } catch let error as FrameError {
            // A bad frame ends the conversation; the frames before it are still answered.
            Console.error("Error from \(peer): \(error)")
            if case .tooLong = error { closeSoon(client.channel) }
            try? await stream.finish()
        }
    }
}

/// A connection read as frames, with the replies that wait for the next write.
struct FrameStream {
    /// The chunks of bytes, as they arrive.
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    /// Where replies go.
    let channel: any Channel
    /// The rest of the last chunk, not yet read.
    var chunk = ByteBuffer()
    /// The replies not yet written, and their number.
    var owed = (replies: ByteBuffer(), count: 0)

    /// Reads a frame's length, in bytes; nil if the stream ends here, between two frames.
    mutating func readLength() async throws -> Int? {
        var header = try await read(4)
        guard let length = header.readInteger(as: UInt32.self).map(Int.init) else {
            guard header.readableBytes == 0 else { throw FrameError.truncated }
            return nil
        }
        // Only the client's claim: if we believed it, 4 bytes could cost us 4 GiB.
        guard length <= Frame.limit else { throw FrameError.tooLong(length: length) }
        return length
    }

    /// Reads a frame's payload, as text; bytes that are not UTF-8 turn into U+FFFD.
    mutating func readText(_ length: Int) async throws -> String {
        let payload = try await read(length)
        guard payload.readableBytes == length else { throw FrameError.truncated }
        return try await Frame.text(of: payload)
    }

    /// Reads `count` bytes, in however many chunks they come; fewer only if the stream ends.
    private mutating func read(_ count: Int) async throws -> ByteBuffer {
        if let bytes = chunk.readSlice(length: count) { return bytes }
        // Grows as bytes arrive. Reserving `count` bytes would cost us whatever the client claims.
        var bytes = chunk
        while bytes.readableBytes < count {
            chunk = ByteBuffer()  // Used up; kept, it would cost memory while the client is silent.
            try await flush()  // Only when we have to wait: many replies, one write.
            guard let next = try await inbound.next() else { break }
            chunk = next
            let missing = min(count - bytes.readableBytes, chunk.readableBytes)
            if var part = chunk.readSlice(length: missing) { bytes.writeBuffer(&part) }
        }
        return bytes
    }

    /// Makes a frame of two texts, and keeps it for the next write.
    ///
    /// In one write: as two, without TCP_NODELAY, the payload would wait until the length is
    /// acknowledged, up to 40 ms on Linux.
    mutating func reply(_ opening: String, _ text: String) {
        owed.replies.writeInteger(UInt32(opening.utf8.count + text.utf8.count))
        owed.replies.writeString(opening)
        owed.replies.writeString(text)
        owed.count += 1
    }

    /// Writes what is owed; returns when the kernel has taken all of it.
    private mutating func flush() async throws {
        if owed.count > 128 { channel.readSmallPortions() }
        if owed.count > 0 { try await channel.writeAndFlush(owed.replies) }
        owed = (ByteBuffer(), 0)
    }

    /// Ends our stream after the last reply, then waits until the client ends its own.
    mutating func finish() async throws {
        try await flush()
        try await channel.close(mode: .output)
        // A close with bytes unread sends a reset, which can destroy replies on their way.
        while (try? await inbound.next()) != nil {}
    }
}

/// Closes the connection in 2 s, whether the client reads by then or not.
func closeSoon(_ channel: any Channel) {
    let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in end.cancel() }
}
