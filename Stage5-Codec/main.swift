// Stage 5: stage 4's messages, taken apart and put together by a codec.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  a decoder and an encoder know the wire, the loop knows the meaning. The codec is
//              tested without a socket.
// Still wrong: no goodbye, and accepting spins when descriptors run out (stage 6).
// Try it:      swift run Stage5-Codec, then: printf '\0\0\0\2hi' | nc -N 127.0.0.1 8080 | xxd
//              (without -N on macOS)

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

/// Answers message after message until the client ends its stream, then ends ours.
func answer(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound in
        var inbound = inbound.makeAsyncIterator()
        let frames = NIOSingleStepByteToMessageProcessor(FrameCodec())
        do {
            while let chunk = try await inbound.next() {
                var payloads: [ByteBuffer] = []
                let decoding = Result { try frames.process(buffer: chunk) { payloads.append($0) } }
                if case .failure = decoding { closeSoon(client.channel) }  // Thrown after replying.
                if payloads.count > 128 { client.channel.readSmallPortions() }
                let owed = try await replies(to: &payloads, from: peer)
                if case .failure(let error) = decoding {
                    // Not awaited: a refused client may never read, and the log must say why.
                    client.channel.writeAndFlush(owed, promise: nil)
                    throw error
                }
                // All replies to one read leave in one write.
                if owed.readableBytes > 0 { try await client.channel.writeAndFlush(owed) }
            }
            try frames.finishProcessing(seenEOF: true) { _ in }  // Throws if half a frame is left.
            try await finish(client.channel, &inbound)
        } catch let error as FrameError {
            // A bad frame ends the conversation; the frames before it have been answered.
            Console.error("Error from \(peer): \(error)")
            try? await finish(client.channel, &inbound)
        }
    }
}

/// Makes one reply frame for each payload.
func replies(to payloads: inout [ByteBuffer], from peer: String) async throws -> ByteBuffer {
    var replies = ByteBuffer()
    for index in payloads.indices {
        let text = try await Frame.text(of: payloads[index])
        payloads[index] = ByteBuffer()  // Up to 16 MiB, and its text is enough.
        Console.log("From \(peer): \(text.quoted)")
        var reply = ByteBuffer(string: "Got it: ")
        reply.writeString(text)
        try FrameCodec().encode(data: reply, out: &replies)
    }
    return replies
}

/// Ends our stream after the last reply, then waits until the client ends its own.
func finish(
    _ channel: any Channel,
    _ inbound: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
) async throws {
    try await channel.close(mode: .output)
    // A close with bytes unread sends a reset, which can destroy replies on their way.
    while (try? await inbound.next()) != nil {}
}

/// Closes the connection in 2 s, whether the client reads by then or not.
func closeSoon(_ channel: any Channel) {
    let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in end.cancel() }
}
