// The listener of stage 6: stage 3's, which also enters every client into a register, and pauses
// when descriptors run out. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A connection as its task sees it: events to await, and a place to write bytes.
typealias Client = NIOAsyncChannel<Event, ByteBuffer>

/// Creates a socket that listens on 127.0.0.1, and hands over every connection to it.
func listen(on port: Int, _ register: Register) async throws -> NIOAsyncChannel<Client, Never> {
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
                try channel.pipeline.syncOperations.addHandler(Events())
                let client = try Client(wrappingChannelSynchronously: channel)
                register.add(channel)
                // A listener that closes drops clients that nobody has taken yet, and NIO traps if
                // one goes with its writer open (NIOAsyncWriter.swift): keep it until it's closed.
                channel.closeFuture.whenComplete { _ in withExtendedLifetime(client) {} }
                return client
            }
        }
}

/// What a client's task awaits.
enum Event {
    /// The client has sent something.
    case bytes(ByteBuffer)
    /// The server shuts down.
    case shutdown
}

/// Puts the shutdown behind the bytes that were read before it, on their way to the client's task.
final class Events: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Event

    /// Passes bytes on.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(.bytes(unwrapInboundIn(data))))
    }

    /// Turns the shutdown, which a channel calls a user event, into something to read.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case Event.shutdown = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.fireChannelRead(wrapInboundOut(.shutdown))
        context.fireChannelReadComplete()
    }
}

/// Keeps errors from the accept loop, which any of them would end, and pauses accepting for 0.1 s.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// Logs the error: out of descriptors, most of the time.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        Console.error("Accept error: \(error)")
        // Out of descriptors, accept fails at once, again and again: don't spin, wait 0.1 s.
        let listener = context.channel
        listener.setOption(.autoRead, value: false).whenSuccess {
            listener.eventLoop.scheduleTask(in: .milliseconds(100)) {
                listener.setOption(.autoRead, value: true)
            }
        }
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
