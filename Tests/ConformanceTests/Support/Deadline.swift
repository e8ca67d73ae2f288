// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A point in time until which something has to happen.
struct Deadline: Sendable {
    /// Nanoseconds of the monotonic clock.
    private let end: UInt64

    /// Factor on all deadlines, for slow machines: the environment's `TIMEOUT_MULTIPLIER`.
    static let multiplier = max(
        1, Double(ProcessInfo.processInfo.environment["TIMEOUT_MULTIPLIER"] ?? "") ?? 1)

    /// The time that anything gets which has to happen at once.
    static let usual = 8.0

    /// Creates a deadline so many seconds from now, longer if the multiplier says so.
    init(in seconds: Double = Deadline.usual) {
        let nanoseconds = UInt64(seconds * Deadline.multiplier * 1e9)
        end = DispatchTime.now().uptimeNanoseconds + nanoseconds
    }

    /// What is left, in milliseconds for poll(2); 0 when it has passed.
    var milliseconds: Int32 {
        let now = DispatchTime.now().uptimeNanoseconds
        return now >= end ? 0 : Int32((end - now) / 1_000_000 + 1)
    }

    /// Whether it has passed.
    var hasPassed: Bool { milliseconds == 0 }

    /// Looks at a condition that announces itself to nobody until it is true; false in the end.
    func wait(until condition: () -> Bool) -> Bool {
        while !condition() {
            if hasPassed { return condition() }
            poll(nil, 0, 5)
        }
        return true
    }
}

/// Runs `work` and returns how many seconds it took.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try work()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}
