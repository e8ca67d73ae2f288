// What tasks ask the kernel for: to be told when a call may have success, by epoll or kqueue.
// SPDX-License-Identifier: Apache-2.0

import CBench

/// A descriptor, and what is known of it until a call finds it otherwise.
///
/// Unchecked, because the compiler cannot see that all of it happens on the loop's thread.
class Watched: @unchecked Sendable {
    /// The loop that watches it, and that its task has to prefer.
    let loop: Loop
    /// The number under which the kernel knows it; its calls do not block.
    let descriptor: Int32
    /// Whether there may be something to read.
    final var isReadable = false
    /// Whether a read that could have taken more may have left something.
    final var hasMore = false
    /// Whether there may be room to write.
    final var isWritable = false
    /// The task that waits for the one or the other.
    final var task: UnsafeContinuation<Void, Never>?

    /// Takes over a descriptor; `kernel.watch` has the loop watch it.
    init(_ descriptor: Int32, on loop: Loop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    /// Notes what the kernel says, and resumes the task if it waits.
    fileprivate final func note(_ event: readiness) {
        if event.readable { isReadable = true }
        if event.has_more { hasMore = true }
        if event.writable { isWritable = true }
        guard let task else { return }
        self.task = nil
        task.resume()
    }
}

/// What one loop waits with; all of it happens on the loop's thread.
final class Kernel {
    /// Where clients' bytes are received: one buffer for all, since one is served at a time.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 4096)
    /// The epoll or kqueue.
    private let poller = poller_create()
    /// What the poller says, turn by turn.
    private let events = UnsafeMutableBufferPointer<readiness>.allocate(capacity: 256)
    /// What was forgotten in this turn, whose last event may be yet to come.
    private var forgotten: [Watched] = []

    /// Creates a poller, which watches `alarm` from now on.
    init(alarm: Int32) throws(SystemError) {
        guard poller >= 0, poller_add(poller, alarm, 0) == 0 else {
            throw SystemError(call: "poller_create")
        }
    }

    /// Has the kernel watch a descriptor until it is closed; `forget` it first.
    func watch(_ watched: Watched) throws(SystemError) {
        let token = UInt64(UInt(bitPattern: Unmanaged.passUnretained(watched).toOpaque()))
        guard poller_add_edges(poller, watched.descriptor, token) == 0 else {
            throw SystemError(call: "poller_add")
        }
    }

    /// Notes that a descriptor is about to be closed.
    func forget(_ watched: Watched) {
        forgotten.append(watched)
    }

    /// Waits until something is ready, and resumes the tasks that wait for it.
    ///
    /// - Parameter milliseconds: How long it waits at most; -1 for ever.
    /// - Returns: Whether somebody has rung the alarm.
    func wait(milliseconds: Int32) -> Bool {
        var hasRung = false
        let count = poller_wait(poller, events.baseAddress, Int32(events.count), milliseconds)
        for event in events[..<Int(count)] {
            if let watched = UnsafeRawPointer(bitPattern: UInt(event.token)) {
                Unmanaged<Watched>.fromOpaque(watched)._withUnsafeGuaranteedRef { $0.note(event) }
            } else {
                hasRung = true
            }
        }
        if !forgotten.isEmpty { forgotten = [] }
        return hasRung
    }
}
