// SPDX-License-Identifier: Apache-2.0

/// 2.6 Lines.
enum Exercise2_6 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .lines, red: "half a line is answered",
        changes: wholeMessages.map { Change($0, .holds) } + [
            Change(.loggedText, .doesNotApply("lines are logged without their end"))
        ],
        dialect: .own(line))

    /// Rows that stage 2 misses because it answers reads; lines are answered as a whole.
    private static let wholeMessages: [Behaviour] = [
        .oneByteAtATime, .twoInOneSegment, .twoHundredAsOne, .twoHundredAsThree, .visibleBoundaries,
        .splitScalar,
    ]

    /// Exercise 2.6: a payload ends with a newline, and so does its answer.
    private static let line = Dialect.Wire(
        message: { $0 + [0x0a] },
        answer: { payload in
            payload.split(separator: 0x0a, omittingEmptySubsequences: false).flatMap {
                Array("[echo] ".utf8) + Array($0).repaired + [0x0a]
            }
        },
        content: { $0.removing(Array("[echo] ".utf8)).filter { $0 != 0x0a } })
}

extension Behaviour {
    /// Exercise 2.6: an answer for every line, however it arrives.
    fileprivate static let lines = Behaviour(
        family: .bytes, title: "Every line gets one answer, however it arrives", chapter: .framing,
        hint: "Keep what has arrived of a line, and answer when its newline has come."
    ) { lab in
        let client = try lab.connect()
        try client.send(Array("hel".utf8))
        if client.waitForData(0.3) { throw Deviation("half a line is answered") }
        try client.send(Array("lo\nand\n\nsome".utf8))
        try lab.expect(Array("[echo] hello\n[echo] and\n[echo] \n".utf8), from: client)
        try client.send(Array(" more\r\nno newline".utf8))
        client.shutdownWrite()
        try lab.expect(Array("[echo] some more\r\n[echo] no newline".utf8), thenEndOf: client)
        client.close()

        try lab.checkLimit()
        try lab.checkAnswersBeforeRefusal()
        try lab.checkPatience()
    }
}

extension Lab {
    /// Expects that a line of 64 KiB is answered, and one that is a byte longer refused.
    fileprivate func checkLimit() throws {
        let longest = [UInt8](repeating: 0x6c, count: 1 << 16)
        let client = try connect("the client with long lines")
        do {
            try exchange(longest, over: client)
        } catch let deviation as Deviation {
            throw Deviation("a line of 65,536 bytes is not answered", deviation.evidence)
        }
        // To the byte: if nothing is left unread, closing sends no reset.
        try client.send(longest + [0x6c])
        do {
            let refusal = Array("line too long\n".utf8)
            try expect(refusal, thenEndOf: client, by: Deadline(in: 3))
        } catch let deviation as Deviation {
            throw Deviation(
                "a line of 65,537 bytes is not refused as it should be",
                "  Instead: \(deviation.symptom)\n\(deviation.evidence)")
        }
    }

    /// Expects that a refusal, with bytes unread behind it, destroys no answer on its way.
    fileprivate func checkAnswersBeforeRefusal() throws {
        let client = try connect("the slow reader", receiveBuffer: 8192)
        let lines = (1...3000).flatMap { Array("line \($0)\n".utf8) }
        let endless = [UInt8](repeating: 0x6c, count: 200_000)
        inBackground {
            try? client.send(lines)
            try? client.send(endless)
        }
        // By then the server is as far as it can get: answers fill all the room on the way.
        timeline.add("the slow reader reads nothing for 1 s")
        letPass(1)
        let expected =
            lines.split(separator: 0x0a).flatMap { Array("[echo] ".utf8) + Array($0) + [0x0a] }
            + Array("line too long\n".utf8)
        let (received, end) = client.receiveToEnd(pause: 30)
        guard received != expected || end != .endOfStream else { return client.close() }
        let count = received.count { $0 == 0x0a }
        let what =
            switch end {
            case .endOfStream: "the end of the stream"
            case .reset: "a reset"
            case .timeout: "nothing more"
            }
        throw Deviation(
            "answers before a refusal are lost",
            """
              3,000 lines were sent, then 200,000 bytes without a newline. \(count) whole lines of
              3,001 came back, then \(what).
            """)
    }

    /// Expects that whoever is refused is read from for 2 s, and no longer, silent or not.
    fileprivate func checkPatience() throws {
        let tooLong = [UInt8](repeating: 0x6c, count: (1 << 16) + 1)
        let refusal = Array("line too long\n".utf8)
        let (busy, silent) = (try connect("the busy client"), try connect("the silent client"))
        for client in [silent, busy] {
            try client.send(tooLong)
            try expect(refusal, from: client)
        }
        timeline.add("the busy client sends on, the silent one nothing")
        let time = seconds {
            let deadline = Deadline(in: 4)
            while !deadline.hasPassed, (try? busy.sendSome([0x21])) != nil { letPass(0.02) }
        }
        guard time >= 1.5 else {
            throw Deviation(
                "who is refused is given no time",
                "  The connection was closed less than 1.5 s after the refusal.")
        }
        guard time <= 3.5 * Deadline.multiplier else {
            throw Deviation(
                "who is refused is read from for ever",
                "  It has been sending for 4 s since its refusal, and the server still reads.")
        }
        // A connection that has been closed answers a byte with a reset, and takes no other. A server
        // that waits for a byte to look at its watch closes only now, and takes the other, too.
        letPass(Deadline.multiplier)
        _ = try? silent.sendSome([0x21])
        letPass(0.3)
        let isClosed = (try? silent.sendSome([0x21])) == nil
        guard isClosed else {
            throw Deviation(
                "a silent client that was refused is waited for",
                "  It sent nothing for 3 s after its refusal, and the server still read.")
        }
    }
}
