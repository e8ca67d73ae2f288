// A peer of stage 3: the same promises over a leaner bridge from channel to task (Bridge.swift).
// SPDX-License-Identifier: Apache-2.0
//
//     BridgeEcho PORT
//
// `STAGE3_SERVER=.../BridgeEcho swift test --filter Stage3` puts it through stage 3's checks.

import NIOCore
import NIOPosix

let port = Console.start()
do {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: .max)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let bridge = Bridge(channel) { await serve($0) }
                try channel.pipeline.syncOperations.addHandler(bridge)
            }
        }
        .bind(host: "127.0.0.1", port: Int(port)).get()
    Console.log("Listening on 127.0.0.1:\(listener.localAddress?.port ?? 0)")
    try await listener.closeFuture.get()
} catch {
    Console.cannotListen(on: port, error, (error as? IOError)?.errnoCode)
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: Bridge) async {
    let address = client.channel.remoteAddress
    let peer = address.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    Console.log("Connected: \(peer)")
    do {
        try await echo(client)
    } catch {
        Console.error("Error from \(peer): \(error)")
    }
    client.channel.close(promise: nil)
    Console.log("Disconnected: \(peer)")
}

/// Sends back what arrives until the client has no more to say, then says the same.
func echo(_ client: Bridge) async throws {
    while let bytes = try await client.next() {
        try await client.write(bytes)
    }
    // An empty write that is awaited is done when all before it are.
    try await client.channel.writeAndFlush(ByteBuffer())
}
