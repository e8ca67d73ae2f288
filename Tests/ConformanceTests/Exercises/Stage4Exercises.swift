// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Exercise {
    /// The exercises of docs/exercises/stage4.md.
    static let stage4: [Exercise] = [
        Exercise(
            number: "4.1", title: "Messages", grade: .core, stage: .framing,
            kind: .build(lesson: .twoInOneSegment, red: "other bytes come back")),
        Exercise(
            number: "4.2", title: "A limit that comes late", grade: .warmUp, stage: .framing,
            kind: .breaking([.oneTooLong, .signBit, .allOnes, .refusalEnds, .sameOutcome])),
        Exercise(
            number: "4.3", title: "A sum behind every frame", grade: .core, stage: .framing,
            kind: .extend(
                .sums, red: "no sum comes behind the answer",
                changes: [Change(.sameOutcome, .doesNotApply("frames with a sum"))],
                dialect: .own(.summed))),
        Exercise(
            number: "4.4", title: "Lines", grade: .core, stage: .framing,
            kind: .extend(
                .lines, red: "the server closes without an answer",
                changes: headers.map { Change($0, .doesNotApply("lines have no header")) }
                    + [Behaviour.repairedText, .loggedText].map {
                        Change($0, .doesNotApply("a line feed ends a line"))
                    },
                dialect: .own(.lines))),
        Exercise(
            number: "4.5", title: "Forty milliseconds", grade: .core, stage: .framing,
            kind: .measure(fortyMilliseconds)),
        Exercise(
            number: "4.6", title: "Mystery 1", grade: .warmUp, stage: .framing,
            kind: .diagnose(
                mystery: 1, shownBy: .typicalFrame, red: "the server closes without an answer",
                [
                    .number(
                        "unread", in: 0...0, "bytes",
                        advice: "Recv-Q, in the row whose local port is the server's."),
                    .choice(
                        "fault", "c", of: "abcd",
                        advice: "Who has your 6 bytes now: the server's kernel, or the server?"),
                ])),
        Exercise(
            number: "4.7", title: "An answer in parts", grade: .stretch, stage: .framing,
            kind: .extend(
                .answersInParts, red: "the answer waits for the whole frame",
                changes: [
                    Change(.splitEverywhere, .differs("half a message is answered")),
                    Change(.drippedFrame, .differs("half a message is answered")),
                    Change(.truncatedPayload, .differs("more comes back than was asked for")),
                    Change(.repairedText, .doesNotApply("bytes, not text")),
                    Change(.sameOutcome, .doesNotApply("bytes, not text")),
                ],
                dialect: .own(.raw))),
    ]

    /// The rows that put a length on the wire themselves.
    private static let headers: [Behaviour] = [
        .largestFrame, .oneTooLong, .signBit, .allOnes, .refusalEnds, .truncatedHeader,
        .truncatedPayload, .hoarders, .sameOutcome,
    ]

    /// What exercise 4.5 asks.
    private static let fortyMilliseconds: [Question] = [
        .number(
            "two writes", in: 30...130, "ms",
            advice: "The real time, divided by 50. Is the option 0, and does each reply leave in "
                + "two writes?"),
        .number(
            "one write", in: 0.02...25, "ms",
            advice: "The real time, divided by 50, with the workbook's own answer and the option 0."
        ),
        .choice(
            "who waits", "b", of: "abc",
            advice: "In those 40 ms no program runs. Which kernel has bytes to send, and what is "
                + "it waiting for?"),
        .choice(
            "option", "a", of: "abc",
            advice: "The server's option is an option of the server's socket. Whose are the "
                + "acknowledgements?"),
    ]
}

// MARK: - 4.3

extension Behaviour {
    /// Exercise 4.3: Adler-32 behind the payload.
    fileprivate static let sums = Behaviour(
        family: .frames, title: "A frame carries a sum; one whose sum is wrong is refused",
        chapter: .framing,
        hint: "4 bytes more to read. The sum is one of bytes, not of text, always modulo 65,521."
    ) { lab in
        try lab.expectSums()
        try lab.expectSpeed()
        try lab.expectPatience()
        let whole = lab.dialect.message(Array("damaged".utf8))
        // In the payload, in the first byte of the sum, and in the last one.
        for position in [6, whole.count - 4, whole.count - 1] {
            var damaged = whole
            damaged[position] ^= 1
            try lab.expectRefusal(of: damaged)
        }
        for missing in [4, 2] { try lab.expectTruncation(missing) }
    }
}

extension Lab {
    /// Expects a sum behind every answer, and the right one.
    fileprivate func expectSums() throws {
        let client = try connect()
        for payload in [
            Array("hi".utf8), [], [0xff, 0xfe], [UInt8](repeating: 0x7a, count: 10_000),
        ] {
            try client.send(dialect.message(payload))
            let expected = dialect.answer(to: payload)
            let (frame, end) = client.receive(exactly: expected.count - 4)
            try compare(Array(expected.dropLast(4)), frame, end)
            let sum = client.receive(exactly: 4).bytes
            guard sum.count == 4 else {
                throw Deviation(
                    "no sum comes behind the answer",
                    "  expected \(expected.suffix(4).dump)\n  received \(sum.dump)")
            }
            guard sum == expected.suffix(4) else {
                throw Deviation(
                    "the sum behind the answer is another",
                    "  of the answer's \(expected.count - 8) bytes of payload:\n"
                        + difference(expected: Array(expected.suffix(4)), received: sum))
            }
        }
    }

    /// Expects a sum over a megabyte to cost so little that the rows with more of them are in time.
    fileprivate func expectSpeed() throws {
        let client = try connect()
        let before = try server().processorTime
        try exchange([UInt8](repeating: 0x78, count: 1 << 20), over: client)
        let time = try server().processorTime - before
        guard time < 0.6 else {
            throw Deviation(
                "the sum takes too long",
                String(format: "  %.1f s of processor time for 1 MiB, back and forth.\n", time)
                    + "  Nothing is optimised here: go over the bytes inside\n"
                    + "  withUnsafeReadableBytes, where one costs a few nanoseconds.")
        }
    }

    /// Expects no answer before the sum is there.
    fileprivate func expectPatience() throws {
        let client = try connect()
        let message = dialect.message(Array("patience".utf8))
        try client.send(message.dropLast(1))
        if client.waitForData(0.2) {
            throw Deviation(
                "a frame is answered before its sum is there", "  One byte of the sum is missing.")
        }
        try client.send(message.suffix(1))
        try expect(dialect.answer(to: Array("patience".utf8)), from: client)
    }

    /// Expects that a frame whose sum is wrong ends the conversation, and nothing before it.
    fileprivate func expectRefusal(of damaged: [UInt8]) throws {
        let client = try connect()
        let before = Array("before".utf8)
        timeline.add("of the next three frames, the second has a wrong bit")
        try client.send(dialect.message(before) + damaged + dialect.message(Array("behind".utf8)))
        let (received, end) = client.receiveToEnd(by: Deadline(in: 1.5))
        try expectOnly(dialect.answer(to: before), received, end, unwanted: "a damaged frame")
        try expectErrorLine(of: client, naming: "checksum")
    }

    /// Expects that a stream which ends inside a sum is an error.
    fileprivate func expectTruncation(_ missing: Int) throws {
        let client = try connect()
        let whole = Array("whole".utf8)
        timeline.add("of the second frame's sum \(missing) bytes will be missing")
        try client.send(
            dialect.message(whole) + dialect.message(Array("half".utf8)).dropLast(missing))
        client.shutdownWrite()
        let (received, end) = client.receiveToEnd()
        try expectOnly(dialect.answer(to: whole), received, end, unwanted: "half a frame")
        try expectErrorLine(of: client, naming: "truncated")
    }

    /// Expects this one answer, and the end of the stream at once.
    ///
    /// - Parameters:
    ///   - answer: What is to come.
    ///   - received: What came.
    ///   - end: How it ended.
    ///   - unwanted: What stands behind the message that was to be answered.
    /// - Throws: What is wrong.
    fileprivate func expectOnly(
        _ answer: [UInt8], _ received: [UInt8], _ end: Client.End, unwanted: String
    ) throws {
        if received.count > answer.count, received.starts(with: answer) {
            let more = received.dropFirst(answer.count)
            let behind = dialect.answer(to: Array("behind".utf8))
            throw Deviation(
                more.starts(with: behind)
                    ? "it goes on behind what it refused" : "\(unwanted) is answered",
                "  more than expected: \(more.dump)")
        }
        try compare(answer, received, received == answer && end == .endOfStream ? nil : end)
        if end == .timeout { throw Deviation("the server does not close") }
        if end == .reset { throw Deviation("a reset instead of the end of the stream") }
    }

    /// Expects a line on standard error that names a client and has a word in it.
    fileprivate func expectErrorLine(of client: Client, naming word: String) throws {
        let address = client.address
        let deadline = Deadline(in: judgesConsole ? 4 : 0)
        let line = try server().waitForError(by: deadline) {
            $0.contains(address) && $0.lowercased().contains(word)
        }
        if line == nil {
            try console(
                Deviation(
                    "standard error does not say why",
                    "  expected: a line with \(address) and \"\(word)\""))
        }
    }
}

extension Dialect.Wire {
    /// Frames with the Adler-32 of their payload behind it.
    fileprivate static let summed = Dialect.Wire(
        message: frameWithSum,
        answer: { frameWithSum(Array("Received \($0.count) bytes: ".utf8) + $0.repaired) },
        content: { received in
            var content: [UInt8] = []
            var rest = received[...]
            while true {
                var next = rest
                guard let payload = Dialect.takeFrame(from: &next), next.count >= 4 else {
                    return content + rest
                }
                let opening = payload.prefix(while: { $0 != UInt8(ascii: ":") })
                content += payload.dropFirst(opening.count + 2)
                rest = next.dropFirst(4)
            }
        })

    /// A frame with its sum behind it.
    private static func frameWithSum(_ payload: [UInt8]) -> [UInt8] {
        Dialect.frame(payload) + Dialect.header(adler32(payload))
    }

    /// RFC 1950: a sum of the bytes, and a sum of its values on the way, both modulo 65,521.
    private static func adler32(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            var (sum, sums, index) = (1, 0, 0)
            while index < bytes.count {
                // So many that neither sum can overflow.
                let end = min(index + 5552, bytes.count)
                while index < end {
                    sum &+= Int(bytes[index])
                    sums &+= sum
                    index &+= 1
                }
                sum %= 65_521
                sums %= 65_521
            }
            return sums << 16 | sum
        }
    }
}

// MARK: - 4.4

extension Behaviour {
    /// Exercise 4.4: a message ends with a line feed.
    fileprivate static let lines = Behaviour(
        family: .frames, title: "A line is answered; one too long, or without its end, is not",
        chapter: .framing,
        hint: "A line ends with the byte 0a, and with nothing else. Search what is new for it."
    ) { lab in
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        try lab.expectCarriageReturn(from: client)
        try lab.exchange([UInt8](repeating: 0x78, count: lineLimit), over: client)
        try lab.expectLongLineRefused([], instead: "it waits for the end of a line too long")
        try lab.expectLongLineRefused(
            Array("\nbehind\n".utf8), instead: "a line too long is not refused")
        try lab.expectCutOff()
        try lab.expectHalfLine()
    }
}

/// Exercise 4.4: how many bytes a line may have, without its end.
private let lineLimit = 65_536

extension Lab {
    /// Expects that a carriage return is a byte like any other.
    fileprivate func expectCarriageReturn(from client: Client) throws {
        try client.send(Array("a\r\nb\n".utf8))
        let expected = dialect.answer(to: Array("a\r".utf8)) + dialect.answer(to: Array("b".utf8))
        let (received, end) = client.receive(exactly: expected.count, by: Deadline(in: 2))
        if received.starts(with: dialect.answer(to: Array("a".utf8))) {
            throw Deviation(
                "the carriage return is gone",
                "  Only 0a ends a line. 0d is a byte of it, and is counted:\n"
                    + difference(expected: expected, received: received))
        }
        if received.starts(with: Array("Received 4 bytes".utf8)) {
            throw Deviation(
                "\\r\\n is taken for one character",
                "  For Swift's Character it is one. Search the bytes for 0a, not a text.")
        }
        try compare(expected, received, end)
    }

    /// Expects the refusal of a line of one byte too many, with its end or without.
    fileprivate func expectLongLineRefused(_ rest: [UInt8], instead symptom: String) throws {
        let client = try connect()
        let before = Array("before".utf8)
        try client.send(
            dialect.message(before) + [UInt8](repeating: 0x78, count: lineLimit + 1) + rest)
        timeline.add("that was a line, and \(lineLimit + 1) bytes more")
        let (received, end) = client.receiveToEnd(by: Deadline(in: 1.5))
        let answer = dialect.answer(to: before)
        if received == answer, end == .timeout {
            throw Deviation(symptom, "  \(lineLimit + 1) bytes, and the limit is \(lineLimit)")
        }
        try expectOnly(answer, received, end, unwanted: "a line too long")
        try expectErrorLine(of: client, naming: "\(lineLimit)")
    }

    /// Expects that whoever goes on after a refusal is listened to for 2 s, and no longer.
    fileprivate func expectCutOff() throws {
        let client = try connect()
        try client.send([UInt8](repeating: 0x78, count: lineLimit + 1))
        let time = seconds {
            _ = Deadline(in: 4).wait {
                _ = Deadline(in: 0.02).wait { false }
                return (try? client.sendSome([0x21])) == nil
            }
        }
        if time > 3.5 * Deadline.multiplier {
            throw Deviation(
                "the server reads on for ever",
                "  2 s after the refusal it was to close; it still reads.")
        }
        if time < 1.5 {
            throw Deviation(
                "the client is given no time",
                "  The connection was closed less than 1.5 s after the refusal; 2 s were asked for."
            )
        }
    }

    /// Expects that a last line without its end is an error.
    fileprivate func expectHalfLine() throws {
        let client = try connect()
        let whole = Array("whole".utf8)
        try client.send(dialect.message(whole) + Array("half".utf8))
        client.shutdownWrite()
        let (received, end) = client.receiveToEnd()
        try expectOnly(dialect.answer(to: whole), received, end, unwanted: "half a line")
        try expectErrorLine(of: client, naming: "truncated")
    }
}

extension Dialect.Wire {
    /// Messages that end with a line feed; one in the payload ends a message, too.
    fileprivate static let lines = Dialect.Wire(
        message: { $0 + [0x0a] },
        answer: { payload in
            (payload + [0x0a]).lines.whole.flatMap {
                Array("Received \($0.count) bytes: ".utf8) + Array($0).repaired + [0x0a]
            }
        },
        content: { received in
            let (whole, rest) = received.lines
            var content: [UInt8] = []
            for line in whole {
                let opening = line.prefix(while: { $0 != UInt8(ascii: ":") })
                content += line.dropFirst(opening.count + 2)
            }
            return content + rest
        })
}

extension [UInt8] {
    /// The lines, without their ends, and what stands behind the last end.
    fileprivate var lines: (whole: [ArraySlice<UInt8>], rest: ArraySlice<UInt8>) {
        var whole: [ArraySlice<UInt8>] = []
        var start = 0
        withUnsafeBytes { bytes in
            // memchr: there are megabytes of it, and this is a debug build.
            while start < bytes.count, let base = bytes.baseAddress,
                let end = memchr(base + start, 0x0a, bytes.count - start)
            {
                whole.append(self[start..<(UnsafeRawPointer(end) - base)])
                start = UnsafeRawPointer(end) - base + 1
            }
        }
        return (whole, self[start...])
    }
}

// MARK: - 4.7

extension Behaviour {
    /// Exercise 4.7: an answer that begins before the question is complete.
    fileprivate static let answersInParts = Behaviour(
        family: .frames, title: "A frame is answered while it arrives, and never held as a whole",
        chapter: .framing,
        hint: "The length is enough to begin the answer. Then pass on what comes, as it comes."
    ) { lab in
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        try lab.expectFlow(over: client)
        try lab.exchange([0xff, 0xfe, 0x0a, 0x00], over: client)
        let last = try lab.connect("the last client")
        let begun = lab.dialect.answer(to: Array("half a one".utf8)).dropLast(4)
        try last.send(lab.dialect.message(Array("half a one".utf8)).dropLast(4))
        last.shutdownWrite()
        try lab.expect(Array(begun), thenEndOf: last)
        try lab.expectErrorLine(of: last, naming: "truncated")
    }
}

extension Lab {
    /// Sends a megabyte of 16, expects it back, then the rest, without the server growing with it.
    fileprivate func expectFlow(over client: Client) throws {
        let server = try server()
        var random = SeededGenerator(47)
        let payload = (0..<256).flatMap { [part = random.bytes(65_536)] _ in part }
        let answer = dialect.answer(to: payload)
        let opening = answer.count - payload.count
        let step = 1 << 20
        try client.send(Dialect.header(payload.count))
        let first = inBackground { try? client.send(payload[..<step]) }
        // The last portion may still be on its way.
        var received = try receive(
            opening + step - 65_536, of: answer, behind: [], from: client,
            instead: "the answer waits for the whole frame")
        guard first.join() else {
            throw Deviation(
                "the server reads too little", "  1 MiB was sent, and not all of it was taken.")
        }
        let before = server.memory
        inBackground { try? client.send(payload[step...]) }
        while received.count < answer.count {
            received = try receive(
                min(step, answer.count - received.count), of: answer, behind: received,
                from: client, instead: "a part of the answer is missing")
            let growth = server.memory - before
            guard growth <= 4 << 20 else {
                throw Deviation(
                    "the payload piles up",
                    "  The server has grown by \(growth / 1024) KiB while \(received.count >> 20) MiB "
                        + "of 16 went through.")
            }
        }
    }

    /// Receives so many bytes more of an answer.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - answer: The whole answer.
    ///   - received: What has come of it.
    ///   - client: Who receives.
    ///   - symptom: What it means when they don't come.
    /// - Returns: All that has come of the answer.
    /// - Throws: What is wrong.
    private func receive(
        _ count: Int, of answer: [UInt8], behind received: [UInt8], from client: Client,
        instead symptom: String
    ) throws -> [UInt8] {
        let (bytes, end) = client.receive(exactly: count, by: Deadline(in: 4))
        let all = received + bytes
        if end == .timeout, answer.starts(with: all) {
            throw Deviation(
                symptom, "  \(all.count) bytes of the answer have come, of \(answer.count).")
        }
        try compare(Array(answer.prefix(received.count + count)), all, end)
        return all
    }
}

extension Dialect.Wire {
    /// Frames whose answer has the payload as it came, byte for byte.
    fileprivate static let raw = Dialect.Wire(
        message: Dialect.frame,
        answer: { Dialect.frame(Array("Received \($0.count) bytes: ".utf8) + $0) },
        content: { received in
            var content: [UInt8] = []
            var rest = received[...]
            while !rest.isEmpty {
                // Of a frame that is still arriving, what has come of its payload.
                let payload = Dialect.takeFrame(from: &rest) ?? rest.dropFirst(4)
                let opening = payload.prefix(while: { $0 != UInt8(ascii: ":") })
                content += payload.dropFirst(opening.count + 2)
                if payload.endIndex == received.endIndex { break }
            }
            return content
        })
}
