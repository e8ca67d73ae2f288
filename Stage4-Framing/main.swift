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
            // Ends the conversation; what was asked before it is still answered.
            Console.error("Error from \(peer): \(error)")
            if case .tooLong = error { closeSoon(client.channel) }
            try? await stream.finish()
        }
    }
}

/// A connection as a stream of frames, and what is owed in return.
struct FrameStream {
    /// What comes in, in the portions in which it arrives.
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    /// Where replies go.
    let channel: any Channel
    /// What is left of the last portion that has arrived.
    var chunk = ByteBuffer()
    /// The replies that have not been written, and how many they are.
    var owed = (replies: ByteBuffer(), count: 0)

    /// Reads a frame's length, in bytes; nil if the stream ends here, between two frames.
    mutating func readLength() async throws -> Int? {
        var header = try await read(4)
        guard let length = header.readInteger(as: UInt32.self).map(Int.init) else {
            guard header.readableBytes == 0 else { throw FrameError.truncated }
            return nil
        }
        // Just the client's claim: believed, 4 bytes could cost us 4 GiB.
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
        // Grows with what has arrived. Room for `count` bytes would cost us what the client claims.
        var bytes = chunk
        while bytes.readableBytes < count {
            chunk = ByteBuffer()  // Used up: a silent client keeps none.
            try await flush()  // Before we wait, and not earlier: one write for many replies.
            guard let next = try await inbound.next() else { break }
            chunk = next
            let missing = min(count - bytes.readableBytes, chunk.readableBytes)
            if var part = chunk.readSlice(length: missing) { bytes.writeBuffer(&part) }
        }
        return bytes
    }

    /// Makes a frame of two texts, and keeps it for the next write.
    ///
    /// Length and payload leave together. Written one by one, with Nagle's algorithm on, the payload
    /// would wait until the length is acknowledged: 40 ms.
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

    /// Says end of stream behind the last reply, then waits for the client's.
    mutating func finish() async throws {
        try await flush()
        try await channel.close(mode: .output)
        // A close with bytes unread is a reset, and that would destroy replies on their way.
        while (try? await inbound.next()) != nil {}
    }
}

/// Closes the connection in 2 s, whether the client reads by then or not.
func closeSoon(_ channel: any Channel) {
    let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in end.cancel() }
}
