// A client that is held: it talks once in a while, and otherwise just stays.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A client that is held: it talks once in a while, and otherwise just stays.
final class Bystander {
    /// Its socket.
    private let descriptor: Int32
    /// How it is answered.
    private let dialect: Dialect
    /// What it is owed, and the judge of what it gets.
    private var owed: Owed

    /// How long it waits for an answer, in milliseconds.
    private static let patience = 10_000.0

    /// Connects; who comes first may still be waiting to be accepted.
    init(port: UInt16, _ dialect: Dialect) throws {
        descriptor = try Sockets.connect(to: port, isNarrow: false).descriptor
        self.dialect = dialect
        owed = Owed(dialect)
    }

    /// Closes.
    deinit { close(descriptor) }

    /// Says something, and waits for the answer; returns what is wrong with that, if something is.
    func converse(_ text: String) throws -> Violation? {
        let payload = Array(text.utf8)
        let message = dialect.message(payload)
        owed.add(dialect.reply(to: payload))
        let deadline = Clock.now + Self.patience
        guard wait(for: POLLOUT, until: deadline) else { return stuck("connecting") }
        let count = send(descriptor, message, message.count, Int32(MSG_NOSIGNAL))
        guard count == message.count else { throw Failure(call: "send") }
        while !owed.isSettled {
            guard wait(for: POLLIN, until: deadline) else { return stuck("waiting for an answer") }
            var buffer = [UInt8](repeating: 0, count: 1_024)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                let end = count == 0 ? "end of stream" : String(cString: strerror(errno))
                return Violation(kind: .lostBytes, what: "\(end) in the place of an answer")
            }
            if let wrong = owed.take(buffer[..<count]) {
                return Violation(kind: .wrongBytes, what: "got \(wrong)")
            }
        }
        return nil
    }

    /// Waits until its socket is ready for something; false if it isn't in time.
    private func wait(for event: Int32, until deadline: Double) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        return poll(&entry, 1, Int32(max(0, deadline - Clock.now))) == 1
    }

    /// What it says of a server that lets it wait.
    private func stuck(_ what: String) -> Violation {
        Violation(kind: .stuck, what: "\(what) for \(Int(Self.patience / 1e3)) s")
    }
}
