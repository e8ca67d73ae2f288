// Stage 3: the echo server with a task for every client, on SwiftNIO's event loops.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  async/await; a handful of threads for any number of clients; back-pressure.
// Still wrong: bytes, not messages (stage 4); no goodbye, and accepting spins when descriptors
//              run out (stage 6).
// Try it:      swift run Stage3-Async, and in another terminal: nc 127.0.0.1 8080

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
        try await echo(client)
    } catch {
        Console.error("Error from \(peer): \(error)")
    }
    Console.log("Disconnected: \(peer)")
}

/// Sends back what arrives until the client ends its stream, then ends ours.
func echo(_ client: Client) async throws {
    try await client.executeThenClose { inbound in
        for try await bytes in inbound {
            // Returns once the kernel has taken all the bytes: it waits for a client that doesn't
            // read. Meanwhile, at most two more chunks are read from that client: back-pressure.
            try await client.channel.writeAndFlush(bytes)
        }
    }
}
