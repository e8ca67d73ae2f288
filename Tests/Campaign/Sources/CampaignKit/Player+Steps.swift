// What a client does in each step. SPDX-License-Identifier: Apache-2.0

import Foundation

extension Player {
    /// Does a step, or begins to.
    func begin(_ step: Step) {
        lastProgress = Clock.now
        waiting = .nothing
        switch step {
        case .narrow: break
        case .pieces(let size, let gap): piece = (size, gap)
        case .say(let count, let times): say(count, times: times)
        case .announce(let claimed, let sent):
            put(Dialect.header(claimed) + chance.bytes(sent))
        case .pause(let time): waiting = .time(Clock.now + Double(time))
        case .deaf(let time): deafUntil = time.map { Clock.now + Double($0) } ?? .infinity
        case .wait: waiting = .settling
        case .shut:
            shutdown(descriptor, Int32(SHUT_WR))
        case .end: waiting = .end
        case .close: finish()
        case .reset:
            Sockets.resetOnClose(descriptor)
            finish()
        case .gone(let time): waiting = .cut(Double(time))
        }
    }

    /// Sends messages, all the same.
    private func say(_ count: Int, times: Int) {
        saidAt = Clock.now
        let payload = stage.dialect.payload(count, style: script.seed, using: &chance)
        let message = stage.dialect.message(payload)
        // Nobody looks at what never comes.
        let reply = script.neverReads ? [] : stage.dialect.reply(to: payload)
        var all: [UInt8] = []
        all.reserveCapacity(message.count * times)
        for _ in 0..<times {
            all += message
            owed.add(reply)
        }
        put(all)
    }

    /// Sends bytes, and waits until they have left.
    private func put(_ bytes: [UInt8]) {
        outgoing = sent == outgoing.count ? bytes : Array(outgoing[sent...]) + bytes
        sent = 0
        // A header leaves together with what follows it.
        let followsSay = place + 1 < script.steps.count && piece.size == .max
        if followsSay, case .announce = script.steps[place + 1] { return }
        waiting = .sending
    }

    /// Sends what the socket takes, or a piece of it.
    func send() {
        while sent < outgoing.count {
            let end = min(outgoing.count, piece.size == .max ? .max : sent + piece.size)
            let count = outgoing[sent..<end].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno != EAGAIN, errno != EINTR { broken("send", errno) }
                return
            }
            sent += count
            lastProgress = Clock.now
            if piece.gap > 0 {
                nextPiece = Clock.now + Double(piece.gap)
                return
            }
        }
    }

    /// Reads what has come, and compares it with what is owed.
    func receive() {
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = 0
            let got = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if got > 0 {
                count = got
            } else if got == 0 {
                sawEnd = true
            } else if errno != EAGAIN, errno != EINTR {
                broken("recv", errno)
            }
        }
        guard !hasEnded else { return }
        if !chunk.isEmpty { lastProgress = Clock.now }
        if let wrong = owed.take(chunk[...]) { return fail(.wrongBytes, "got \(wrong); \(state)") }
        guard sawEnd else { return }
        if isWaitingToBeCut { return leave() }
        let saidAll = place == script.steps.count || isAtItsEnd
        if isExact, !owed.isSettled || !saidAll { fail(.lostBytes, "end of stream \(state)") }
        if !isExact, place == script.steps.count { leave() }
    }

    /// Whether only the end of the stream is left to come.
    private var isAtItsEnd: Bool {
        if case .end = waiting { true } else { false }
    }

    /// Takes note that the connection is broken: no wonder for a rude client.
    func broken(_ call: String, _ code: Int32) {
        guard isExact else { return leave() }
        fail(.lostBytes, "\(call): \(String(cString: strerror(code))), \(state)")
    }

    /// Ends as the script wants it; whoever is owed something still has lost it.
    func finish() {
        if isExact, !owed.isSettled, violation == nil {
            fail(.lostBytes, "its script is over, \(state)")
        }
        leave()
    }

    /// Ends with something wrong.
    func fail(_ kind: Violation.Kind, _ what: String) {
        violation = violation ?? Violation(kind: kind, what: what, client: number)
        Sockets.resetOnClose(descriptor)
        leave()
    }

    /// Closes.
    func leave() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        // The log may still name it, so it is kept; what it had to say isn't.
        outgoing = []
        owed = Owed(stage.dialect)
    }

    /// The most that it may cost the server now, in bytes.
    var allowance: Int {
        let longest = script.longestMessage
        if script.neverReads {
            return stage.neverReaderMemory(frame: script.seed % 2 == 0 ? longest / 3 : longest)
        }
        return 128 << 10 + 4 * longest
    }
}
