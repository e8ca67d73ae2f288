// What a client's task works with, how the shutdown reaches it, and where it runs.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A connection to a client: bytes or the shutdown to await, and a channel to write to.
typealias Client = NIOAsyncChannel<Incoming, Never>

/// What a client's task awaits.
enum Incoming {
    /// The client has sent something.
    case bytes(ByteBuffer)
    /// The server is shutting down.
    case shutdown
}

/// Queues the shutdown behind bytes that are already read, so that the task answers those first.
final class IncomingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Incoming

    /// Passes bytes on.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(.bytes(unwrapInboundIn(data))))
    }

    /// Turns the shutdown, which arrives as a user event, into an element for the task to read.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case Incoming.shutdown = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.fireChannelRead(wrapInboundOut(.shutdown))
        context.fireChannelReadComplete()
    }
}

extension Channel {
    /// The peer's address and port; `unknown` if the peer had already gone.
    var peer: String {
        remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    }
}

/// Runs tasks on an event loop, so that a client's task and its channel share one thread.
///
/// On the pool of threads that tasks run on by default, every message would change threads twice.
/// And on Linux, that pool ends the process when it needs a descriptor and there is none
/// (libdispatch, _dispatch_workq_monitor_pools).
final class LoopExecutor: TaskExecutor {
    /// The loop, which is one thread.
    private let loop: any EventLoop

    /// Creates an executor for a loop.
    init(_ loop: any EventLoop) { self.loop = loop }

    /// Runs the next piece of a task, when the loop gets to it.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
