// An event loop that runs tasks: async/await on epoll or kqueue, without a package.
// SPDX-License-Identifier: Apache-2.0

import CBench
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A thread that waits for descriptors, and runs the tasks that wait for them.
///
/// Unchecked, because the compiler cannot see that `waiting` and `running` are used on this one
/// thread only: by `run`, and by tasks that prefer this loop, which `run` runs.
final class Loop: TaskExecutor, @unchecked Sendable {
    /// The epoll or kqueue.
    private let poller = poller_create()
    /// A pipe; a byte in it ends the wait.
    private let alarm: (read: Int32, write: Int32)
    /// What is ready to run, and whether the thread waits and has to be woken to run it.
    private let state = Mutex((jobs: [UnownedJob](), isWaiting: false))
    /// What the thread runs now; changes places with `jobs`, so that both keep their room.
    private var running: [UnownedJob] = []
    /// The task that waits for a descriptor, at the descriptor's number.
    private var waiting: [UnsafeContinuation<Void, Never>?] = []

    /// Creates a loop, and the thread that it runs on from now on.
    init() {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        alarm = (ends[0], ends[1])
        _ = fcntl(alarm.read, F_SETFL, O_NONBLOCK)
        add(alarm.read)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
            guard let loop = $0 else { return nil }
            Unmanaged<Loop>.fromOpaque(loop).takeRetainedValue().run()
        }
        #if canImport(Darwin)
            pthread_create(&thread, nil, { start($0) }, Unmanaged.passRetained(self).toOpaque())
        #else
            pthread_create(&thread, nil, start, Unmanaged.passRetained(self).toOpaque())
        #endif
    }

    /// Has the thread run a piece of a task.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let hasToWake = state.withLock { state in
            state.jobs.append(job)
            defer { state.isWaiting = false }
            return state.isWaiting
        }
        if hasToWake { _ = write(alarm.write, "!", 1) }
    }

    /// Watches a descriptor from now until it is closed.
    func add(_ descriptor: Int32) {
        _ = poller_add(poller, descriptor, UInt64(descriptor))
    }

    /// Waits, in a task that prefers this loop, until there is something to read.
    func readable(_ descriptor: Int32) async {
        await ready(descriptor)
    }

    /// Waits, in a task that prefers this loop, until there is room to write.
    func writable(_ descriptor: Int32) async {
        _ = poller_watch(poller, descriptor, UInt64(descriptor), false, true)
        await ready(descriptor)
        _ = poller_watch(poller, descriptor, UInt64(descriptor), true, false)
    }

    /// Waits until the loop finds the descriptor ready.
    private func ready(_ descriptor: Int32) async {
        let index = Int(descriptor)
        while waiting.count <= index { waiting.append(nil) }
        await withUnsafeContinuation { waiting[index] = $0 }
    }

    /// Runs what is ready, then waits until something is, for ever.
    private func run() -> Never {
        var events = [readiness](repeating: readiness(), count: 256)
        while true {
            runJobs()
            let count = poller_wait(poller, &events, Int32(events.count), -1)
            state.withLock { $0.isWaiting = false }
            for event in events[..<Int(count)] {
                let index = Int(event.token)
                if index == Int(alarm.read) {
                    var bytes = (0 as UInt64, 0 as UInt64)
                    _ = read(alarm.read, &bytes, 16)
                } else if index < waiting.count {  // Otherwise its task has yet to begin.
                    // The task goes on in `runJobs`: what resumes it comes back to `enqueue`.
                    let task = waiting[index]
                    waiting[index] = nil
                    task?.resume()
                }
            }
        }
    }

    /// Runs tasks until none is ready, then says that the thread waits.
    private func runJobs() {
        while true {
            running.removeAll(keepingCapacity: true)
            state.withLock { state in
                swap(&running, &state.jobs)
                state.isWaiting = running.isEmpty
            }
            if running.isEmpty { return }
            for job in running { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
