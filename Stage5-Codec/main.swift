// Stage 5: the messages of stage 4 through a codec.
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

/// Answers message after message until the client has no more to say, then says the same.
func answer(_ client: Client, at peer: String) async throws {
    try await client.executeThenClose { inbound in
        var inbound = inbound.makeAsyncIterator()
        let frames = NIOSingleStepByteToMessageProcessor(FrameCodec())
        do {
            while let chunk = try await inbound.next() {
                var payloads: [ByteBuffer] = []
                let decoding = Result { try frames.process(buffer: chunk) { payloads.append($0) } }
                if case .failure = decoding { closeSoon(client.channel) }
                if payloads.count > 128 { client.channel.readSmallPortions() }
                let owed = try await replies(to: payloads, from: peer)
                payloads = []  // Not in memory while we wait for the client.
                // All replies to one read leave in one write.
                if owed.readableBytes > 0 { try await client.channel.writeAndFlush(owed) }
                try decoding.get()
            }
            try frames.finishProcessing(seenEOF: true) { _ in }
            try await finish(client.channel, &inbound)
        } catch let error as FrameError {
            // Ends the conversation; what was asked before it has been answered.
            Console.error("Error from \(peer): \(error)")
            try? await finish(client.channel, &inbound)
        }
    }
}

/// A frame for each payload.
func replies(to payloads: [ByteBuffer], from peer: String) async throws -> ByteBuffer {
    var replies = ByteBuffer()
    for payload in payloads {
        let text = try await Frame.text(of: payload)
        Console.log("From \(peer): \(text.quoted)")
        var reply = ByteBuffer(string: "Got it: ")
        reply.writeString(text)
        try FrameCodec().encode(data: reply, out: &replies)
    }
    return replies
}

/// Says end of stream behind the last reply, then waits for the client's.
func finish(
    _ channel: any Channel,
    _ inbound: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
) async throws {
    try await channel.close(mode: .output)
    // A close with bytes unread is a reset, and that would destroy replies on their way.
    while (try? await inbound.next()) != nil {}
}

/// Closes the connection in 2 s, whether the client reads by then or not.
func closeSoon(_ channel: any Channel) {
    let end = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in end.cancel() }
}
