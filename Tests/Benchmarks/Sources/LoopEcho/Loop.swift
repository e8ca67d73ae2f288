// An event loop that runs tasks: async/await without a package. The same file in LoopEcho and
// RingEcho, which wait in different ways (Kernel.swift). SPDX-License-Identifier: Apache-2.0

import CBench
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A thread that waits for the kernel, and runs the tasks that wait for it.
///
/// Unchecked, because the compiler cannot see that all but `enqueue` happens on this one thread: what
/// `run` does, and what tasks do that prefer this loop, which `run` runs.
final class Loop: TaskExecutor, @unchecked Sendable {
    /// What the tasks of this loop ask the kernel for.
    let kernel: Kernel
    /// A pipe; a byte in it ends the wait.
    private let alarm: (read: Int32, write: Int32)
    /// Who runs the loop; 0 until somebody does.
    private let thread = Atomic<UInt>(0)
    /// What other threads want to have run, and whether they have rung the alarm for it.
    private let arrived = Mutex((jobs: [UnownedJob](), hasRung: false))
    /// What a running task wants to have run: after itself, not within.
    private var jobs: [UnownedJob] = []
    /// Whether a task is running.
    private var isRunning = false
    /// The task that pauses, and when it goes on.
    private var pausing: (task: UnsafeContinuation<Void, Never>, end: ContinuousClock.Instant)?

    /// Creates a loop, which `start` or `run` sets going.
    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError(call: "pipe") }
        alarm = (ends[0], ends[1])
        _ = fcntl(alarm.read, F_SETFL, O_NONBLOCK)
        kernel = try Kernel(alarm: alarm.read)
    }

    /// Starts a thread that runs the loop.
    func start() throws(SystemError) {
        let failure = start_thread(
            { if let loop = $0 { Unmanaged<Loop>.fromOpaque(loop).takeRetainedValue().run() } },
            Unmanaged.passRetained(self).toOpaque())
        if failure != 0 { throw SystemError(call: "pthread_create", code: failure) }
    }

    /// Runs the loop on this thread, for ever.
    func run() -> Never {
        thread.store(UInt(this_thread()), ordering: .relaxed)
        while true { turn() }
    }

    /// Waits until something is ready, and runs the tasks that wait for it.
    ///
    /// A function of its own: what a loop without an end holds is never released.
    private func turn() {
        // A task that is resumed comes back to `enqueue`, which runs it here and now.
        if kernel.wait(milliseconds: patience) { takeArrived() }
        if let pausing, pausing.end <= .now {
            self.pausing = nil
            pausing.task.resume()
        }
        while !jobs.isEmpty {
            let next = jobs
            jobs = []
            for job in next { run(job) }
        }
    }

    /// How many milliseconds the thread may wait; -1 if it may for ever.
    private var patience: Int32 {
        guard let pausing else { return -1 }
        let left = (pausing.end - .now) / .milliseconds(1)
        return Int32(max(left.rounded(.up), 0))
    }

    /// Waits for some time, in a task that prefers this loop; one task at a time.
    nonisolated(nonsending) func pause(milliseconds: Int) async {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        await withUnsafeContinuation { pausing = ($0, end) }
    }

    // MARK: - Running tasks

    /// Runs a piece of a task: at once on this thread, unless a task is running; else soon.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard thread.load(ordering: .relaxed) == this_thread() else { return arrive(job) }
        if isRunning { jobs.append(job) } else { run(job) }
    }

    /// Runs a piece of a task now.
    private func run(_ job: UnownedJob) {
        isRunning = true
        job.runSynchronously(on: asUnownedTaskExecutor())
        isRunning = false
    }

    /// Takes a job from another thread, and wakes the loop's own if nobody has.
    private func arrive(_ job: UnownedJob) {
        let isFirst = arrived.withLock { arrived in
            arrived.jobs.append(job)
            defer { arrived.hasRung = true }
            return !arrived.hasRung
        }
        if isFirst { _ = write(alarm.write, "!", 1) }
    }

    /// Takes over what other threads want to have run.
    private func takeArrived() {
        var bytes: UInt64 = 0
        while read(alarm.read, &bytes, 8) > 0 {}
        jobs += arrived.withLock { arrived in
            defer { arrived = ([], false) }
            return arrived.jobs
        }
    }
}
