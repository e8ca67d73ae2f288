// What a client's task works with, and where it runs. The same file in stages 3 to 5.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A connection to a client: chunks of bytes to await, and a channel to write to.
typealias Client = NIOAsyncChannel<ByteBuffer, Never>

extension Channel {
    /// The peer's address and port; `unknown` if it had gone before it could be asked.
    var peer: String {
        remoteAddress.map { "\($0.ipAddress ?? "unknown"):\($0.port ?? 0)" } ?? "unknown"
    }
}

/// Runs tasks on an event loop: a client's task beside its channel, without a change of thread.
///
/// On the pool of threads that tasks run on by default, every message would change threads twice.
/// And on Linux, that pool ends the process when it needs a descriptor and there is none
/// (libdispatch, _dispatch_workq_monitor_pools).
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
