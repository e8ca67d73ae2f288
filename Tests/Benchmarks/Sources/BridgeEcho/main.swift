// A peer of stage 3: the same promises over a leaner bridge from channel to task (Client.swift).
// SPDX-License-Identifier: Apache-2.0
//
//     BridgeEcho PORT
//
// `STAGE3_SERVER=.../BridgeEcho swift test --filter Stage3` puts it through stage 3's checks.

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
    try await client.executeThenClose {
        while let bytes = try await client.next() { try await client.write(bytes) }
    }
}
