// What tasks ask the kernel for: to do it, and to be told when it is done, by io_uring.
// SPDX-License-Identifier: Apache-2.0

import CRing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A descriptor whose requests may be under way; each of them keeps it alive, and its end closes it.
///
/// Unchecked, because the compiler cannot see that all of it happens on the loop's thread.
class Watched: @unchecked Sendable {
    /// The loop whose ring has its requests, and that its task has to prefer.
    let loop: Loop
    /// The number under which the kernel knows it.
    let descriptor: Int32
    /// The task that waits until one of its requests is done.
    final var task: UnsafeContinuation<Void, Never>?

    /// Takes over a descriptor.
    init(_ descriptor: Int32, on loop: Loop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit { close(descriptor) }

    /// Notes what has come of the request that goes on: for a listener, a client; else bytes.
    func noteArrival(_ completion: completion) {}

    /// Notes what has come of sending.
    func noteSent(_ completion: completion) {}

    /// Resumes the task if it waits.
    final func resume() {
        guard let task else { return }
        self.task = nil
        task.resume()
    }
}

/// What one loop waits with; all of it happens on the loop's thread.
final class Kernel {
    /// What a request is about, in the lowest bits of its token; the others are the object's address.
    private enum Request: UInt64 { case arrival, sending }

    /// The rings.
    private let ring: OpaquePointer
    /// Whether they have been switched on, by the thread that uses them.
    private var isEnabled = false
    /// The descriptor that ends a wait when somebody writes to it.
    private let alarm: Int32
    /// What has come of requests, turn by turn.
    private let completions = UnsafeMutableBufferPointer<completion>.allocate(capacity: 256)

    /// Creates the rings, with buffers for what arrives: 256 of 16 KiB.
    ///
    /// Where the kernel refuses, the program ends with status 69 (`EX_UNAVAILABLE` of sysexits.h):
    /// io_uring is new, and often switched off, in containers above all.
    init(alarm: Int32) throws(SystemError) {
        guard let ring = ring_create(256, 16 << 10) else {
            Console.error("no io_uring here: \(SystemError(call: "io_uring_setup"))")
            exit(EX_UNAVAILABLE)
        }
        self.ring = ring
        self.alarm = alarm
    }

    /// Asks for all that arrives: clients of a listener, or bytes.
    func receive(_ watched: Watched) {
        let token = token(of: watched, .arrival)
        _ = Unmanaged.passRetained(watched)
        if watched is Listener {
            ring_accept(ring, watched.descriptor, token)
        } else {
            ring_receive(ring, watched.descriptor, token)
        }
    }

    /// Asks for no more to arrive; what is on its way still does.
    func stopReceiving(_ watched: Watched) {
        ring_cancel(ring, token(of: watched, .arrival))
    }

    /// Asks to send bytes, which have to stay until that is done: all of them, or only what the kernel
    /// takes `atOnce`.
    func send(_ bytes: UnsafeRawBufferPointer, to watched: Watched, atOnce: Bool) {
        _ = Unmanaged.passRetained(watched)
        ring_send(
            ring, watched.descriptor, bytes.baseAddress, bytes.count, atOnce,
            token(of: watched, .sending))
    }

    /// The bytes in one of the buffers.
    func bytes(in buffer: Int32, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: ring_buffer(ring, buffer), count: count)
    }

    /// Lends a buffer to the kernel again.
    func giveBack(_ buffer: Int32) { ring_give_back(ring, buffer) }

    /// Hands over all requests, waits until one is done, and resumes the tasks that wait for it: one
    /// system call a turn, however many clients there are.
    ///
    /// - Parameter milliseconds: How long it waits at most; -1 for ever.
    /// - Returns: Whether somebody has rung the alarm.
    func wait(milliseconds: Int32) -> Bool {
        if !isEnabled { enable() }
        var hasRung = false
        let count = ring_turn(
            ring, completions.baseAddress, Int32(completions.count), milliseconds)
        for completion in completions[..<Int(count)] {
            let address = UInt(completion.token & ~3)
            if let pointer = UnsafeRawPointer(bitPattern: address) {
                let watched = Unmanaged<Watched>.fromOpaque(pointer)
                let isSending = completion.token & 3 == Request.sending.rawValue
                watched._withUnsafeGuaranteedRef {
                    isSending ? $0.noteSent(completion) : $0.noteArrival(completion)
                }
                if !completion.goes_on { watched.release() }
            } else if completion.token == Self.alarmToken {
                hasRung = true
                if !completion.goes_on { ring_watch(ring, alarm, Self.alarmToken) }
            }
        }
        return hasRung
    }

    /// The token of the alarm; 0 is that of a request to give another one up.
    private static let alarmToken: UInt64 = 1

    /// Switches the rings on for this thread.
    private func enable() {
        isEnabled = true
        ring_enable(ring)
        ring_watch(ring, alarm, Self.alarmToken)
    }

    /// What a completion is recognised by.
    private func token(of watched: Watched, _ request: Request) -> UInt64 {
        let address = UInt(bitPattern: Unmanaged.passUnretained(watched).toOpaque())
        return UInt64(address) | request.rawValue
    }
}
