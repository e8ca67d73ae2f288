// Stage 3: an echo server of tasks on SwiftNIO's event loops.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  async/await; a handful of threads for any number of clients; back-pressure.
// Still wrong: bytes, not messages (stage 4); no goodbye, and accepting spins when descriptors
//              run out (stage 6).
// Try it:      swift run Stage3-Async, and in another terminal: nc 127.0.0.1 8080

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
        try await echo(client)
    } catch {
        Console.error("Error from \(peer): \(error)")
    }
    Console.log("Disconnected: \(peer)")
}

/// Sends back what arrives until the client has no more to say, then says the same.
func echo(_ client: Client) async throws {
    try await client.executeThenClose { inbound, outbound in
        for try await bytes in inbound {
            // Waits while the client doesn't read. Nothing more is read meanwhile: back-pressure.
            try await outbound.write(bytes)
        }
        // `write` returns before the kernel has the bytes, and the close that follows would drop
        // them. An empty write that is awaited is done when all before it are.
        try await client.channel.writeAndFlush(ByteBuffer())
    }
}
