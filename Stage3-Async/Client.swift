// What a client's task works with, and where it runs. The same file in stages 3 to 5.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A connection to a client: chunks to await; replies go to its channel, hence the `Never`.
typealias Client = NIOAsyncChannel<ByteBuffer, Never>

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
