// A client that a shutdown meets. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A client that a shutdown meets.
final class Guest {
    /// What it does when the server says that nothing follows, and before.
    enum Habit: Sendable {
        case hangsUp
        case stays
        case streams
        case neverReads
    }

    /// What stage 6 says at the end.
    static let farewell = Array("Server shutting down\n".utf8)

    /// What those send who send all the time, over and over.
    private static let stream: [UInt8] = {
        var chance = SeededGenerator(1)
        return chance.bytes(16_384)
    }()

    /// Its socket; -1 when it has gone.
    private(set) var descriptor: Int32
    /// When its connection ended, by whichever side; nil while it lasts.
    private(set) var endedAt: Double?
    /// Whether it ended with end of stream, and not with an error.
    private(set) var sawEnd = false
    /// Whether it has got an answer, and so was served.
    private(set) var wasServed = false
    /// What it does.
    private let habit: Habit
    /// Whether its connection stands.
    private var isConnected = false
    /// What it has sent.
    private var sent: [UInt8] = []
    /// What it has got.
    private var received: [UInt8] = []
    /// What it has still to send.
    private var unsent: ArraySlice<UInt8> = []

    /// Begins to connect.
    init(port: UInt16, _ habit: Habit) throws {
        self.habit = habit
        descriptor = try Sockets.connect(to: port, isNarrow: habit == .neverReads).descriptor
    }

    /// Closes, if that hasn't been done.
    deinit { leave(isReset: true) }

    /// What to watch its socket for; it is left alone when nothing is to come.
    var entry: pollfd {
        var events: Int32 = 0
        if !isConnected || !unsent.isEmpty || habit == .streams { events |= POLLOUT }
        if habit != .neverReads { events |= POLLIN }
        let isIdle = endedAt != nil || events == 0
        return pollfd(fd: isIdle ? -1 : descriptor, events: Int16(events), revents: 0)
    }

    /// Says something, which should come back.
    func say(_ bytes: [UInt8]) { unsent += bytes }

    /// Takes note of what its socket is ready for.
    func handle(_ events: Int16) {
        guard descriptor >= 0, endedAt == nil else { return }
        let events = Int32(events)
        if !isConnected {
            guard Sockets.error(of: descriptor) == 0 else { return leave(isReset: false) }
            isConnected = true
        }
        if events & POLLOUT != 0 { send() }
        if events & (POLLIN | POLLHUP | POLLERR) != 0, habit != .neverReads { receive() }
    }

    /// Sends what is to be said, and more if that is its habit.
    private func send() {
        if unsent.isEmpty, habit == .streams { unsent = Self.stream[...] }
        guard !unsent.isEmpty else { return }
        let count = unsent.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        if habit != .neverReads { sent += unsent.prefix(count) }
        unsent = unsent.dropFirst(count)
    }

    /// Reads what has come.
    private func receive() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count <= 0 else {
            received += buffer.prefix(count)
            wasServed = true
            return
        }
        sawEnd = count == 0
        endedAt = Clock.now
        if habit != .stays || !sawEnd { leave(isReset: false) }
    }

    /// Whether it got the beginning of what it said, then the farewell, then the end.
    var gotFarewell: Bool {
        guard sawEnd, received.count >= Self.farewell.count else { return false }
        let echo = received.dropLast(Self.farewell.count)
        return received.suffix(Self.farewell.count) == Self.farewell[...]
            && echo == sent.prefix(echo.count)
    }

    /// Closes.
    func leave(isReset: Bool) {
        guard descriptor >= 0 else { return }
        if isReset { Sockets.resetOnClose(descriptor) }
        close(descriptor)
        descriptor = -1
        endedAt = endedAt ?? Clock.now
    }
}
