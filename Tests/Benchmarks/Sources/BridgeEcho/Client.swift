// A bridge from a channel to a task, leaner than NIOAsyncChannel: it is also the task's executor.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A connection to a client: hands its channel's bytes to one task, which runs on the same loop.
///
/// Unchecked, because the compiler cannot see that all of it happens on that loop: the channel
/// calls a handler there, and `enqueue` brings the task there.
final class Client: ChannelDuplexHandler, TaskExecutor, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The channel.
    let channel: any Channel
    /// What the task does.
    private let serve: @Sendable (Client) async -> Void
    /// The channel's way to its neighbours in the pipeline; nil when it is closed.
    private var context: ChannelHandlerContext?
    /// What has arrived and the task has not taken.
    private var arrived = CircularBuffer<ByteBuffer>(initialCapacity: 2)
    /// Whether the client has said end of stream, or the channel has closed.
    private var hasEnded = false
    /// Why the channel failed.
    private var failure: (any Error)?
    /// Whether the channel is in the middle of a turn of reading, at whose end it flushes.
    private var isReading = false
    /// Whether the channel may read on as soon as the task has taken all.
    private var owesRead = false
    /// The task, when it waits for bytes, or for room to write.
    private var waiting: UnsafeContinuation<Void, Never>?

    /// Creates the bridge, to be added to the channel's pipeline.
    init(_ channel: any Channel, serve: @escaping @Sendable (Client) async -> Void) {
        self.channel = channel
        self.serve = serve
    }

    // MARK: - The task's side

    /// Does something with the connection, and closes it, whichever way that ends.
    func executeThenClose(_ body: () async throws -> Void) async throws {
        defer { channel.close(promise: nil) }
        try await body()
        // Done when the kernel has all that was written before; closing would drop the rest.
        try await channel.writeAndFlush(ByteBuffer())
    }

    /// The next bytes; waits while there are none, and returns nil at the end of the stream.
    func next() async throws -> ByteBuffer? {
        while arrived.isEmpty {
            if let failure { throw failure }
            if hasEnded { return nil }
            if !isReading { context?.flush() }
            if owesRead {
                owesRead = false
                context?.read()
            }
            await wait()
        }
        return arrived.removeFirst()
    }

    /// Writes; waits while the client does not read.
    func write(_ bytes: ByteBuffer) async throws {
        context?.write(wrapOutboundOut(bytes), promise: nil)
        if channel.isWritable { return }
        context?.flush()
        while !channel.isWritable, context != nil, failure == nil { await wait() }
        if let failure { throw failure }
    }

    /// Suspends the task until the channel has news.
    private func wait() async {
        await withUnsafeContinuation { waiting = $0 }
    }

    /// Runs a piece of the task: at once if this is the event loop, within the channel's event.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if channel.eventLoop.inEventLoop {
            job.runSynchronously(on: asUnownedTaskExecutor())
        } else {
            channel.eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    // MARK: - The channel's side

    /// Keeps the context until the handler is removed, and starts the task.
    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let serve = serve
        Task(executorPreference: self) { await serve(self) }
    }

    /// Keeps bytes for the task, which goes on here and now if it waits.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived.append(unwrapInboundIn(data))
        isReading = true
        wake()
    }

    /// Flushes what the task has written meanwhile: all of it in one write.
    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.flush()
    }

    /// Lets the channel read on only if the task has taken all: back-pressure.
    func read(context: ChannelHandlerContext) {
        if arrived.isEmpty { context.read() } else { owesRead = true }
    }

    /// Wakes the task if there is room to write again.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if channel.isWritable { wake() }
    }

    /// Notes the end of the stream.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { end(nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Notes that the channel failed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
    }

    /// Notes that the channel has closed.
    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        end(nil)
    }

    /// Notes the end, and wakes the task to see it.
    private func end(_ error: (any Error)?) {
        hasEnded = true
        failure = failure ?? error
        wake()
    }

    /// Resumes the task if it waits.
    private func wake() {
        let task = waiting
        waiting = nil
        task?.resume()
    }
}
