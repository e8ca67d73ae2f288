// Time, and the wish to stop. SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The monotonic clock, in nanoseconds.
enum Clock {
    /// Nanoseconds since some moment in the past.
    static var now: UInt64 {
        nanoseconds(of: CLOCK_MONOTONIC)
    }

    /// Seconds since `start`.
    static func seconds(since start: UInt64) -> Double {
        Double(now - start) / 1e9
    }

    /// What a clock of the system shows, in nanoseconds.
    static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Waits; throws as soon as somebody wants to stop.
    static func sleep(_ seconds: Double) throws {
        let end = now + UInt64(max(seconds, 0) * 1e9)
        while now < end {
            try Interruption.check()
            usleep(UInt32(min(20_000, (end - min(now, end)) / 1000 + 1)))
        }
    }
}

/// Somebody has pressed Ctrl-C: what runs ends, and every child with it.
public struct Interruption: Error {
    /// Whether it has happened.
    private static let isRequested = Atomic(false)

    /// Asks for it; safe in a signal handler.
    public static func request() { isRequested.store(true, ordering: .relaxed) }

    /// Throws if it was asked for.
    static func check() throws {
        if isRequested.load(ordering: .relaxed) { throw Interruption() }
    }
}

/// Why a measurement has no result, in words.
struct Failure: Error, CustomStringConvertible {
    /// The reason.
    let description: String

    /// Creates a failure.
    init(_ description: String) { self.description = description }

    /// Creates a failure of a call of the system, for the reason in errno.
    init(call: String) { self.init("\(call): \(String(cString: strerror(errno)))") }
}
