// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A thread that can be waited for.
final class Background: Sendable {
    private let done = DispatchSemaphore(value: 0)

    /// Starts a thread.
    init(_ work: @escaping @Sendable () -> Void) {
        let done = done
        Thread.detachNewThread {
            work()
            done.signal()
        }
    }

    /// Waits for the end of the thread; false if it does not come.
    func join(by deadline: Deadline = Deadline(in: 20)) -> Bool {
        let result = done.wait(timeout: .now() + .milliseconds(Int(deadline.milliseconds)))
        if result == .success { done.signal() }
        return result == .success
    }
}
