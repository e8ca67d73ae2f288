// A peer of stage 3, built as NIO's own async example is (NIOTCPEchoServer): an async sequence of
// clients, a discarding task group, and tasks where tasks run by default, on the pool of threads that
// Swift has for them. SPDX-License-Identifier: Apache-2.0
//
//     PoolEcho PORT
//
// Out of descriptors, this server ends on Linux: its pool needs one when all its threads are busy
// (libdispatch, _dispatch_workq_monitor_pools). Stage 3 uses no pool, and lives.

import NIOCore

let port = Console.start()
do {
    let listener = try await listen(on: Int(port))
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    await withDiscardingTaskGroup { tasks in
        try? await listener.executeThenClose { clients in
            for try await client in clients { tasks.addTask { await serve(client) } }
        }
    }
    Console.fail("Server stopped: the listener has closed by itself.")
} catch {
    Console.cannotListen(on: port, error, (error as? IOError)?.errnoCode)
}

/// Serves one client to the end; an error ends this connection and no other.
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

/// Sends back what arrives until the client ends its stream, then ends ours.
func echo(_ client: Client) async throws {
    try await client.executeThenClose { inbound, outbound in
        for try await bytes in inbound {
            try await outbound.write(bytes)
        }
        // An empty write that is awaited is done when all before it are.
        try await client.channel.writeAndFlush(ByteBuffer())
    }
}
