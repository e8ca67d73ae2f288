// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Exercise {
    /// The exercises of docs/exercises/stage2.md.
    static let stage2: [Exercise] = [
        Exercise(
            number: "2.1", title: "A thread for every client", grade: .core, stage: .threads,
            kind: .build(
                lesson: .secondClient,
                red: "the second client waits until the first has gone")),
        Exercise(
            number: "2.2", title: "The missing signal", grade: .warmUp, stage: .threads,
            kind: .breaking([.goneBeforeReply])),
        Exercise(
            number: "2.3", title: "What a thread costs", grade: .core, stage: .threads,
            kind: .measure([
                .number(
                    "touched", in: 4...60, "KiB",
                    advice: "VmRSS, with 200 clients minus with none, divided by 200."),
                .choice(
                    "why", "b", of: "abc",
                    advice: "What does a page cost that has an address, and that nobody touched?"),
            ])),
        Exercise(
            number: "2.4", title: "A hundred at most", grade: .core, stage: .threads,
            kind: .extend(
                .hundredAtMost, red: "more than a hundred are served at a time",
                changes: [
                    Change(.idleThreads, .doesNotApply("the others wait")),
                    Change(.clientLimit, .doesNotApply("the others wait")),
                ])),
        Exercise(
            number: "2.5", title: "Mystery 5", grade: .core, stage: .threads,
            kind: .diagnose(
                mystery: 5, shownBy: .neverReaderNeighbour,
                red: "the neighbour waits until the rude client has gone",
                [
                    .choice("who", "c", of: "abcd", advice: whoAdvice),
                    .choice("where", "c", of: "abcd", advice: whereAdvice),
                ])),
        Exercise(
            number: "2.6", title: "Lines", grade: .stretch, stage: .threads,
            kind: .extend(
                .lines, red: "half a line is answered",
                changes: wholeMessages.map { Change($0, .holds) } + [
                    Change(.loggedText, .doesNotApply("lines are logged without their end"))
                ],
                dialect: .own(line))),
    ]

    /// What helps with the question of mystery 5 which client is to blame.
    private static let whoAdvice = """
        Play all four, one after the other, with a second client beside each. Which of them makes the
            second one wait?
        """

    /// What helps with the question of mystery 5 where the other client's line is.
    private static let whereAdvice = """
        ss -tn 'sport = :8080', while the others wait: Recv-Q counts what the server hasn't read yet,
            Send-Q what it has sent and the client hasn't taken. Then: in which call do threads sleep?
        """

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
    /// Exercise 2.4: who comes when a hundred are served waits in the kernel until one has gone.
    fileprivate static let hundredAtMost = Behaviour(
        family: .neighbours, title: "A hundred clients are served at a time; the next ones wait",
        chapter: .threads,
        hint: "Take a place before you accept. Whatever ends a client gives it back, once."
    ) { lab in
        var served = try lab.fillUp("client", to: 100)
        let server = try lab.server()
        let before = (threads: server.threads, descriptors: server.openDescriptors)
        let waiting = try lab.waiting(20, after: served)
        // One of them may have been accepted already.
        let after = (threads: server.threads, descriptors: server.openDescriptors)
        guard after.threads <= before.threads + 1, after.descriptors <= before.descriptors + 1
        else {
            throw Deviation(
                "who waits costs the server threads or descriptors",
                """
                  threads: \(before.threads) with 100 clients, \(after.threads) with 20 more
                  descriptors: \(before.descriptors), \(after.descriptors)
                """)
        }
        try lab.leave(&served, waiting)
        try lab.checkCount(served + waiting)
    }

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
    /// Connects clients and has each say a word; the first that isn't answered is one too many.
    fileprivate func fillUp(_ name: String, to count: Int) throws -> [Client] {
        try (1...count).map { number in
            let client = try connect("\(name) \(number)")
            do {
                try talk("word", over: client, by: Deadline(in: 3))
            } catch {
                throw Deviation(
                    "fewer than a hundred are served at a time",
                    "  Client \(number) gets no answer while \(number - 1) are connected.")
            }
            return client
        }
    }

    /// Connects more clients, and expects that they get nothing, neither an answer nor an end.
    fileprivate func waiting(_ count: Int, after served: [Client]) throws -> [Client] {
        var waiting: [Client] = []
        for number in 101..<(101 + count) {
            let client = try connect("client \(number)")
            do {
                try client.send(dialect.message(Array("word".utf8)))
            } catch {
                throw Deviation("the next client is turned away", "  \(error)")
            }
            waiting.append(client)
            if number == 101 { try expectNothing(client, for: 0.5) }
        }
        for client in waiting { try expectNothing(client, for: 0.02) }
        // Whoever is in keeps being served: nothing but the accepting waits.
        for client in [served[0], served[99]] {
            do {
                try talk("still here", over: client)
            } catch {
                throw Deviation("who is connected is no longer served")
            }
        }
        return waiting
    }

    /// Expects that a client is neither answered nor turned away while a hundred are served.
    private func expectNothing(_ client: Client, for seconds: Double) throws {
        if client.isLeftAlone(for: seconds) { return }
        let (bytes, end) = client.receive(by: Deadline(in: 1))
        let what = end == nil ? inWords(bytes) : "the end of the connection"
        let evidence = "  \(client.name) was to wait. It received \(what)."
        let isAnswer = dialect.content(of: bytes) == Array("word".utf8)
        throw Deviation(
            isAnswer
                ? "more than a hundred are served at a time" : "the next client is turned away",
            evidence)
    }

    /// Has twenty of the hundred leave, politely and not; after each, one who waited is served.
    fileprivate func leave(_ served: inout [Client], _ waiting: [Client]) throws {
        for (number, next) in waiting.enumerated() {
            let leaving = served.removeFirst()
            let isRude = number % 2 == 1
            if isRude { leaving.reset() } else { leaving.close() }
            do {
                try expectAnswer("word", from: next, by: Deadline(in: 3))
            } catch {
                throw Deviation(
                    isRude ? "a reset costs a place for good" : "a place is not given back",
                    "  \(leaving.name) has left, and \(next.name) still waits.")
            }
        }
    }

    /// Expects that there are a hundred places still, whatever has come and gone.
    fileprivate func checkCount(_ served: [Client]) throws {
        let next = try connect("client 121")
        try next.send(dialect.message(Array("word".utf8)))
        guard next.isLeftAlone(for: 0.4) else {
            throw Deviation(
                "after some have left, more than a hundred are served",
                "  Twenty have come and gone, 100 are connected, and one more is served.")
        }
        served[50].close()
        try expectAnswer("word", from: next)
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
        _ = Deadline(in: 1 / Deadline.multiplier).wait { false }
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
            _ = Deadline(in: 4).wait {
                _ = Deadline(in: 0.02).wait { false }
                return (try? busy.sendSome([0x21])) == nil
            }
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
        _ = Deadline(in: 1).wait { false }
        _ = try? silent.sendSome([0x21])
        _ = Deadline(in: 0.3).wait { false }
        let isClosed = (try? silent.sendSome([0x21])) == nil
        guard isClosed else {
            throw Deviation(
                "a silent client that was refused is waited for",
                "  It sent nothing for 3 s after its refusal, and the server still read.")
        }
    }
}
