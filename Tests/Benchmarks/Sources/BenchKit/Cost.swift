// What waiting threads and tasks cost the process that has them. SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What one of many costs.
///
/// Measured in a process of its own, `bench cost`, which starts out empty.
public struct Cost: Codable, Sendable {
    /// Time to make one, to the moment when the last of them waits.
    public let microsecondsEach: Double
    /// Memory in use.
    public let residentEach: Double
    /// Addresses in use.
    public let virtualEach: Double

    /// Works out what `number` of something have cost since a moment.
    private init(of number: Int, since start: UInt64, _ before: Usage) throws {
        let seconds = Clock.seconds(since: start)
        let after = try Usage.of(getpid())
        microsecondsEach = seconds * 1e6 / Double(number)
        residentEach = (after.resident - before.resident) / Double(number) / 1000
        virtualEach = (after.virtual - before.virtual) / Double(number) / 1000
    }

    /// Starts tasks that suspend.
    public static func tasks(_ number: Int) async throws -> Cost {
        let (before, start) = (try Usage.of(getpid()), Clock.now)
        let waiting = WaitingTasks()
        return try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<number {
                group.addTask {
                    await withUnsafeContinuation { task in waiting.all.withLock { $0.append(task) }
                    }
                }
            }
            while waiting.all.withLock({ $0.count }) < number { await Task.yield() }
            let cost = try Cost(of: number, since: start, before)
            for task in waiting.all.withLock({ $0 }) { task.resume() }
            return cost
        }
    }

    /// Starts threads that block, with stacks of 128 KiB, as stage 2's.
    public static func threads(_ number: Int) throws -> Cost {
        let (before, start) = (try Usage.of(getpid()), Clock.now)
        let started = Atomic(0)
        let end = DispatchSemaphore(value: 0)
        for _ in 0..<number {
            let thread = Thread {
                started.add(1, ordering: .relaxed)
                end.wait()
            }
            thread.stackSize = 128 << 10
            thread.start()
        }
        while started.load(ordering: .relaxed) < number { try Clock.sleep(0.0001) }
        let cost = try Cost(of: number, since: start, before)
        for _ in 0..<number { end.signal() }
        return cost
    }
}

/// Tasks that have suspended.
private final class WaitingTasks: Sendable {
    /// All of them, to be resumed.
    let all = Mutex<[UnsafeContinuation<Void, Never>]>([])
}
