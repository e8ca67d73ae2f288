// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A point in time until which something has to happen.
struct Deadline: Sendable {
    /// Nanoseconds of the monotonic clock.
    private let end: UInt64
    /// Whether it is the time that anything gets which has to happen at once.
    private let isUsual: Bool

    /// Factor on all deadlines, for slow machines: the environment's `TIMEOUT_MULTIPLIER`.
    static let multiplier = max(
        1, Double(ProcessInfo.processInfo.environment["TIMEOUT_MULTIPLIER"] ?? "") ?? 1)

    /// Creates a deadline so many seconds from now, longer if the multiplier says so.
    ///
    /// Without a number, it is what anything gets that has to happen at once.
    init(in seconds: Double? = nil) {
        let nanoseconds = UInt64((seconds ?? Patience.seconds) * Deadline.multiplier * 1e9)
        end = DispatchTime.now().uptimeNanoseconds + nanoseconds
        isUsual = seconds == nil
    }

    /// What is left, in milliseconds for poll(2); 0 when it has passed.
    var milliseconds: Int32 {
        let now = DispatchTime.now().uptimeNanoseconds
        return now >= end ? 0 : Int32((end - now) / 1_000_000 + 1)
    }

    /// Whether it has passed.
    var hasPassed: Bool { milliseconds == 0 }

    /// Whichever of the two comes first.
    func orEarlier(_ other: Deadline) -> Deadline { other.end < end ? other : self }

    /// Says that what was waited for has not come.
    func ranOut() {
        if isUsual { Patience.wear() }
    }

    /// Looks at a condition that announces itself to nobody until it is true; false in the end.
    func wait(until condition: () -> Bool) -> Bool {
        while !condition() {
            if hasPassed {
                ranOut()
                return condition()
            }
            poll(nil, 0, 5)
        }
        return true
    }
}

/// How long the program that is being judged may take for what has to happen at once.
///
/// A healthy one needs milliseconds. It gets seconds, for the sake of busy machines, until it has
/// let two such waits run out: it is red by then, and what it does in the other rows shows sooner.
enum Patience {
    private static let state = Mutex<(program: String?, waits: Int)>((nil, 0))

    /// What a wait gets, in seconds.
    static var seconds: Double { state.withLock { $0.waits < 2 ? 8 : 1 } }

    /// A program is judged, from now on; nil for one that will not come again.
    static func begin(with program: String?) {
        state.withLock { state in
            if program == nil || program != state.program { state = (program, 0) }
        }
    }

    /// A wait has run out.
    static func wear() { state.withLock { $0.waits += 1 } }
}

/// Lets so many seconds pass: for what shows only by not happening, or needs a time to be seen.
func letPass(_ seconds: Double) {
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
    while true {
        let now = DispatchTime.now().uptimeNanoseconds
        if now >= end { return }
        poll(nil, 0, Int32((end - now) / 1_000_000 + 1))
    }
}

/// Waits until nothing is left, as long as it becomes less; false if it has stopped doing so.
///
/// A busy machine takes its time; what has been left behind for good does not change any more.
func waitWhileItProgresses(_ left: () -> Int) -> Bool {
    var least = Int.max
    var deadline = Deadline(in: 2)
    while true {
        let now = left()
        if now == 0 { return true }
        if now < least {
            least = now
            deadline = Deadline(in: 2)
        } else if deadline.hasPassed {
            return false
        }
        letPass(0.005)
    }
}

/// Runs `work` and returns how many seconds it took.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try work()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}
