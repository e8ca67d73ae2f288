// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What clients do, and what they expect.
extension Lab {
    /// Says `payload` as one message and expects the answer to it, to the byte.
    func exchange(_ payload: [UInt8], over client: Client, by deadline: Deadline = Deadline())
        throws
    {
        try sayPlainly(payload, over: client) {
            try expect(dialect.answer(to: payload), from: client, by: deadline)
        }
    }

    /// Says `payload` and expects its content back, whatever the answer puts around it.
    func talk(_ payload: String, over client: Client, by deadline: Deadline = Deadline()) throws {
        try sayPlainly(Array(payload.utf8), over: client) {
            try expectAnswer(payload, from: client, by: deadline)
        }
    }

    /// Says a payload and looks at what comes of it; what is wrong here has a cause of its own.
    private func sayPlainly(_ payload: [UInt8], over client: Client, then expect: () throws -> Void)
        throws
    {
        do {
            try client.send(dialect.message(payload))
            try expect()
        } catch var deviation as Deviation {
            deviation.isAboutPlainAnswers = true
            throw deviation
        } catch {
            throw Deviation(Symptom.breaksWhileSending, "  \(error)")
        }
    }

    /// Expects the content of `payload` next, whatever the answer puts around it.
    func expectAnswer(
        _ payload: String, from client: Client, by deadline: Deadline = Deadline()
    ) throws {
        let expected = Array(payload.utf8)
        var received: [UInt8] = []
        var end: Client.End?
        while end == nil, dialect.canBecome(expected, received) {
            let part = client.receive(by: deadline)
            received += part.bytes
            end = part.end
        }
        if !received.isEmpty { timeline.add("\(client.name) receives \(inWords(received))") }
        try compare(expected, dialect.content(of: received), end)
    }

    /// Expects the content of `payload` next, said as one message, in however many pieces it comes.
    func expect(content payload: [UInt8], from client: Client) throws {
        var received: [UInt8] = []
        var end: Client.End?
        while end == nil, dialect.canBecome(payload, received) {
            let part = client.receive()
            received += part.bytes
            end = part.end
        }
        try compare(payload, dialect.content(of: received), end)
    }

    /// Expects exactly these bytes next.
    func expect(_ expected: [UInt8], from client: Client, by deadline: Deadline = Deadline()) throws
    {
        let (received, end) = client.receive(expecting: expected, by: deadline)
        try compare(expected, received, end)
    }

    /// Expects exactly these bytes, and the end of the stream behind them.
    func expect(
        _ expected: [UInt8], thenEndOf client: Client, pause: Int32 = 0,
        by deadline: Deadline = Deadline()
    ) throws {
        let (received, end) = client.receiveToEnd(
            expecting: expected, pause: pause, by: deadline)
        try compare(expected, received, end)
        if end == .timeout { throw Deviation(Symptom.noClose) }
        if end == .reset { throw Deviation(Symptom.resetAtEnd) }
    }

    /// Expects the content of `payload`, in whatever pieces, and the end of the stream behind it.
    func expect(
        content payload: [UInt8], thenEndOf client: Client, pause: Int32 = 0,
        by deadline: Deadline = Deadline()
    ) throws {
        let (received, end) = client.receiveToEnd(pause: pause, by: deadline)
        let content = dialect.content(of: received)
        try compare(payload, content, end)
        if end == .timeout { throw Deviation(Symptom.noClose) }
        if end == .reset { throw Deviation(Symptom.resetAtEnd) }
    }

    /// Compares what came with what should have.
    func compare(_ expected: [UInt8], _ received: [UInt8], _ end: Client.End?) throws {
        guard !received.isSame(as: expected) else { return }
        throw Deviation(
            symptom(expected: expected, received: received, end: end),
            difference(expected: expected, received: received))
    }

    /// What a difference looks like from afar.
    private func symptom(expected: [UInt8], received: [UInt8], end: Client.End?) -> String {
        let isPart = expected.continues(with: received, at: 0)
        if isPart, end == .reset { return Symptom.resetBeforeAll }
        if received.isEmpty {
            switch end {
            case .timeout: return Symptom.noAnswer
            case .endOfStream, .reset: return Symptom.closesWithoutAnswer
            case nil: return Symptom.otherBytes
            }
        }
        if case .prefixed = dialect {
            let position = expected.firstDifference(from: received)
            let prefix = Array("[echo] ".utf8)
            if received[position...].first == prefix[0] { return Symptom.answerPerRead }
            if expected[position...].starts(with: prefix) { return Symptom.oneForBoth }
        }
        let replacement: [UInt8] = [0xef, 0xbf, 0xbd]
        if received.firstIndex(of: replacement) != nil, expected.firstIndex(of: replacement) == nil
        {
            return Symptom.repaired
        }
        if isPart {
            return end == .endOfStream ? Symptom.closesEarly : Symptom.partMissing
        }
        if received.continues(with: expected, at: 0) { return Symptom.moreThanAsked }
        return Symptom.otherBytes
    }

    /// Reads nothing for a while, until the way from the server to the client is full.
    ///
    /// The sender either gets stuck on the way or, with room for all of it, is done.
    func letFillUp(_ sender: Background) {
        timeline.add("client reads nothing for a while")
        _ = sender.join(by: Deadline(in: 0.3 / Deadline.multiplier))
    }

    /// Sends a byte every now and then until the server has cut the client off.
    ///
    /// - Returns: How many seconds that took; nil if it did not happen within `most`.
    func timeUntilCutOff(_ client: Client, sending byte: UInt8, within most: Double) -> Double? {
        timeline.add("\(client.name) goes on sending, a byte every 20 ms")
        let deadline = Deadline(in: most)
        var isCutOff = false
        let time = seconds {
            while !isCutOff, !deadline.hasPassed {
                letPass(0.02)
                isCutOff = (try? client.sendSome([byte])) == nil
            }
        }
        return isCutOff ? time : nil
    }
}
