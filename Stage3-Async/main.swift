// Stage 3: an echo server of tasks on SwiftNIO's event loops.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  async/await; a handful of threads for any number of clients; back-pressure.
// Still wrong: bytes, not messages (stage 4); no goodbye, and accepting spins when descriptors
//              run out (stage 6).
// Try it:      swift run Stage3-Async, and in another terminal: nc 127.0.0.1 8080

import NIOCore
import NIOPosix

/// A connection as its task sees it: chunks of bytes to await, and a place to write them.
typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

do {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        // As many waiting clients as the kernel allows: it cuts the number to its SOMAXCONN.
        .serverChannelOption(.backlog, value: .max)
        // Without it, bind fails for a minute after a run that had clients (TIME_WAIT).
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        // Nagle's algorithm off: a reply leaves at once. Accepted sockets inherit it from here.
        .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .serverChannelInitializer { $0.pipeline.addHandler(AcceptErrors()) }
        // Without it, a client that shuts its write side loses the replies still on their way.
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .bind(host: "127.0.0.1", port: Console.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let client = try Client(wrappingChannelSynchronously: channel)
                // A listener that closes drops clients that nobody has taken yet, and NIO traps if
                // one goes with its writer open (NIOAsyncWriter.swift): keep it until it's closed.
                channel.closeFuture.whenComplete { _ in withExtendedLifetime(client) {} }
                return client
            }
        }
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    // Discarding: a task that has ended is forgotten at once, not kept until somebody asks.
    await withDiscardingTaskGroup { tasks in
        // No error comes out here: a client's stays in `serve`, the listener's in `AcceptErrors`.
        try? await listener.executeThenClose { clients in
            for try await client in clients {
                tasks.addTask { await serve(client) }
            }
        }
        Console.error("Accept error: the listener has closed")
    }
    Console.fail("Server stopped: it no longer accepts, and its last client has gone.")
} catch {
    Console.cannotListen((error as? IOError)?.errnoCode)
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: Client) async {
    let address = client.channel.remoteAddress
    let peer = address.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
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

/// Keeps from the accept loop, which any error would end, what concerns one client only.
final class AcceptErrors: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel

    /// Logs errors but for the system's, with which NIO deals itself (AcceptBackoffHandler).
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError { return context.fireErrorCaught(error) }
        // On Darwin, of a client that was reset while it was being accepted.
        Console.error("Accept error: \(error)")
    }
}
