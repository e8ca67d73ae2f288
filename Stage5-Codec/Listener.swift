// The listener of stages 3 to 5, the same file in each: how SwiftNIO is told to listen, and what to
// hand over. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A connection as its task sees it: chunks of bytes to await, and a place to write them.
typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

/// Creates a socket that listens on 127.0.0.1, and hands over every connection to it.
func listen(on port: Int) async throws -> NIOAsyncChannel<Client, Never> {
    try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        // How many may wait to be accepted: as many as the kernel allows.
        .serverChannelOption(.backlog, value: .max)
        // Without it, bind fails for a minute after a run that had clients (TIME_WAIT).
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        // Nagle's algorithm off: a reply leaves at once. Accepted sockets inherit it from here.
        .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .serverChannelInitializer { listener in
            listener.eventLoop.makeCompletedFuture {
                try listener.pipeline.syncOperations.addHandler(AcceptErrors())
            }
        }
        // Without it, a client that shuts its write side loses the replies still on their way.
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        // A read's buffer starts small, and grows with what comes. The usual 2 KiB are nearly a
        // quarter of what a silent client costs.
        .childChannelOption(
            .recvAllocator,
            value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)
        )
        .bind(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let client = try Client(wrappingChannelSynchronously: channel)
                // A listener that closes drops clients that nobody has taken yet, and NIO traps if
                // one goes with its writer open (NIOAsyncWriter.swift): keep it until it's closed.
                channel.closeFuture.whenComplete { _ in withExtendedLifetime(client) {} }
                return client
            }
        }
}

/// Keeps errors from the accept loop, which any of them would end.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel
    /// When the next error is worth a line: there can be thousands in a second.
    private var nextLine = NIODeadline.now()

    /// Logs the error, and leaves it to NIO if it is the system's (AcceptBackoffHandler).
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if .now() >= nextLine {
            Console.error("Accept error: \(error)")
            nextLine = .now() + .seconds(1)
        }
        // Others concern one client: on Darwin, one that was reset while it was being accepted.
        if error is IOError { context.fireErrorCaught(error) }
    }
}

/// Runs tasks on an event loop: a client's task beside its channel, without a change of thread.
final class LoopExecutor: TaskExecutor {
    /// The loop: one thread.
    private let loop: any EventLoop

    /// Creates an executor for a loop.
    init(_ loop: any EventLoop) { self.loop = loop }

    /// Runs the next piece of a task, when the loop gets to it.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension Channel {
    /// The peer's address and port; `unknown` if it had gone before it could be asked.
    var peer: String {
        remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    }
}
