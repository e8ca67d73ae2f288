// Stage 5: the messages of stage 4 through a codec.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  a decoder and an encoder know the wire, the loop knows the meaning. The codec is
//              tested without a socket.
// Still wrong: no goodbye, and accepting spins when descriptors run out (stage 6).
// Try it:      swift run Stage5-Codec, then: printf '\0\0\0\2hi' | nc -N 127.0.0.1 8080 | xxd
//              (without -N on macOS)

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
                    try FrameCodec().encode(data: ["Got it: ", text], out: &owed)
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
