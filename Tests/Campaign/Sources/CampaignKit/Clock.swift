// Time. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A clock that nobody sets.
enum Clock {
    /// Milliseconds since some moment.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// Lets some milliseconds pass.
    static func letPass(_ milliseconds: Double) { usleep(UInt32(milliseconds * 1e3)) }
}
