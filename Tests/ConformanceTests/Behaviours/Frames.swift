// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Messages with a length in front.
extension Behaviour {
    static let emptyFrame = Behaviour(
        family: .frames, title: "An empty frame gets an answer", chapter: .framing,
        hint: "A length of 0 is a length like any other; it is not the end of the stream."
    ) { lab in
        let client = try lab.connect()
        try lab.exchange([], over: client)
        try lab.exchange(Array("and on".utf8), over: client)
    }

    static let typicalFrame = Behaviour(
        family: .frames, title: "A frame gets one frame back, with its text", chapter: .framing,
        hint: "Four bytes of length, the highest first, then that many bytes of payload."
    ) { lab in
        let client = try lab.connect()
        let payload = Array("hello, frame".utf8)
        try client.send(lab.dialect.message(payload))
        client.shutdownWrite()
        try lab.expect(lab.dialect.answer(to: payload), thenEndOf: client)
    }

    static let splitEverywhere = Behaviour(
        family: .frames, title: "A frame may be split at every byte", chapter: .framing,
        hint: "Header and payload both arrive in any portions: read on until there are enough."
    ) { lab in
        let payload = Array("split me".utf8)
        let message = lab.dialect.message(payload)
        let client = try lab.connect()
        for position in 1..<message.count {
            try client.send(message[..<position])
            if client.waitForData(0.005) { throw Deviation("half a message is answered") }
            try client.send(message[position...])
            try lab.expect(lab.dialect.answer(to: payload), from: client)
        }
    }

    static let drippedFrame = Behaviour(
        family: .frames, title: "A frame may drip in, byte by byte", chapter: .framing,
        hint: "One byte is no header yet. Keep it."
    ) { lab in
        let payload = Array("drip".utf8)
        let client = try lab.connect()
        for byte in lab.dialect.message(payload) {
            if client.waitForData(0.005) { throw Deviation("half a message is answered") }
            try client.send([byte])
        }
        try lab.expect(lab.dialect.answer(to: payload), from: client)
    }

    static let thousandInOneWrite = Behaviour(
        family: .frames, title: "1,000 frames in one write get 1,000 answers in order",
        chapter: .framing,
        hint: "Go on with what is left of a read before you read again."
    ) { lab in
        let payloads = (0..<1000).map { Array("frame \($0)".utf8) }
        let client = try lab.connect()
        try client.send(payloads.flatMap(lab.dialect.message))
        client.shutdownWrite()
        try lab.expect(payloads.flatMap(lab.dialect.answer), thenEndOf: client)
    }

    static let randomChops = Behaviour(
        family: .frames, title: "A long script of frames may be chopped up anywhere",
        chapter: .framing, hint: "Where a read ends has nothing to do with where a frame ends."
    ) { lab in
        var random = SeededGenerator(5)
        let payloads = (0..<400).map { _ in random.text(.random(in: 0...3000, using: &random)) }
        var bytes = payloads.flatMap(lab.dialect.message)[...]
        var parts: [[UInt8]] = []
        while !bytes.isEmpty {
            parts.append(Array(bytes.prefix(.random(in: 1...5000, using: &random))))
            bytes = bytes.dropFirst(parts[parts.count - 1].count)
        }
        let client = try lab.connect()
        let script = parts
        lab.inBackground {
            for part in script { try? client.send(part) }
            client.shutdownWrite()
        }
        try lab.expect(payloads.flatMap(lab.dialect.answer), thenEndOf: client)
    }

    static let largestFrame = Behaviour(
        family: .frames, title: "A frame of exactly 16 MiB is answered", chapter: .framing,
        hint: "The limit itself is allowed: compare with <=, not with <."
    ) { lab in
        var random = SeededGenerator(6)
        let payload = random.text(16 << 20)
        let client = try lab.connect()
        let message = lab.dialect.message(payload)
        let deadline = Deadline(in: 20)
        lab.inBackground {
            try? client.send(message, by: deadline)
            client.shutdownWrite()
        }
        try lab.expect(lab.dialect.answer(to: payload), thenEndOf: client, by: deadline)
    }

    static let oneTooLong = refusal("16 MiB + 1", length: 16 << 20 + 1)
    static let signBit = refusal("0x80000000", length: 0x8000_0000)
    static let allOnes = refusal("0xFFFFFFFF", length: 0xffff_ffff)

    /// A header that announces more than the limit.
    private static func refusal(_ name: String, length: Int) -> Behaviour {
        Behaviour(
            family: .frames,
            title:
                "A length of \(name) is refused on the header; what was asked before is answered",
            chapter: .framing,
            hint:
                "Check the length before you wait for the payload, and before you make room for it."
        ) { lab in
            let client = try lab.connect()
            try lab.exchange(Array("before".utf8), over: client)
            let server = try lab.server()
            let before = (server.memory, server.reservedMemory)
            try client.send(
                lab.dialect.message(Array("and one more".utf8)) + Dialect.header(length)
                    + Array("behind it".utf8))
            let answer = lab.dialect.answer(to: Array("and one more".utf8))
            // At once, that is: before the server loses patience with a client that stays.
            try lab.expect(answer, thenEndOf: client, by: Deadline(in: 1.5))
            try lab.expectNoHoard(in: server, since: before, most: 4 << 20)
            client.close()
            let line = server.waitForError { $0.contains("\(length)") && $0.contains("16777216") }
            if line == nil {
                try lab.console(
                    Deviation(
                        "standard error does not name the length and the limit",
                        "  a line with \(length) and 16777216 was expected"))
            }
        }
    }

    static let refusalWithUnread = Behaviour(
        family: .frames,
        title: "A refusal destroys no earlier reply, not even a slow reader's", chapter: .framing,
        hint: "close(2) with bytes unread sends a reset. Shut the write side, and read to the end."
    ) { lab in
        var random = SeededGenerator(7)
        let payloads = (0..<20).map { _ in random.text(1 << 16) }
        // More than the server reads ahead: some of it is unread when the server is done.
        let junk = Dialect.header(0xffff_ffff) + [UInt8](repeating: 0x21, count: 16 << 20)
        let client = try lab.connect(receiveBuffer: 8192)
        let script = payloads.flatMap(lab.dialect.message) + junk
        let deadline = Deadline(in: 20)
        lab.inBackground {
            try? client.send(script, by: deadline)
            client.shutdownWrite()
        }
        let answer = payloads.flatMap(lab.dialect.answer)
        try lab.expect(answer, thenEndOf: client, pause: 1, by: deadline)
    }

    static let refusalEnds = Behaviour(
        family: .frames,
        title: "After a refusal, a client that goes on sending is cut off after 2 s",
        chapter: .framing,
        hint: "Reading on until the peer closes needs a deadline: this peer never closes."
    ) { lab in
        let client = try lab.connect()
        try client.send(Dialect.header(0xffff_ffff))
        let time = seconds {
            _ = Deadline(in: 4).wait {
                _ = Deadline(in: 0.02).wait { false }
                return (try? client.sendSome([0x21])) == nil
            }
        }
        if time > 3.5 { throw Deviation("the server reads on for ever") }
        if time < 1.5 { throw Deviation("the client is given no time") }
    }

    static let truncatedHeader = truncation("inside a header", [[0], [0, 0], [0, 0, 0]])
    static let truncatedPayload = truncation(
        "inside a payload", [[0, 0, 0, 9], [0, 0, 0, 9] + Array("half".utf8)])

    /// A stream that ends where it should not.
    private static func truncation(_ place: String, _ scripts: [[UInt8]]) -> Behaviour {
        Behaviour(
            family: .frames, title: "The end of the stream \(place) is an error, not a clean end",
            chapter: .framing,
            hint: "End of stream is clean between frames only. Inside, something has been lost."
        ) { lab in
            for script in scripts {
                let client = try lab.connect()
                try client.send(lab.dialect.message(Array("whole".utf8)) + script)
                client.shutdownWrite()
                try lab.expect(lab.dialect.answer(to: Array("whole".utf8)), thenEndOf: client)
                let address = client.address
                let line = try lab.server().waitForError(
                    by: Deadline(in: lab.judgesConsole ? 4 : 0)
                ) {
                    $0.contains(address) && $0.lowercased().contains("truncated")
                }
                if line == nil {
                    try lab.console(Deviation("standard error does not call it truncated"))
                }
            }
        }
    }

    static let hoarders = Behaviour(
        family: .frames,
        title: "200 clients that announce 16 MiB and send one byte cost at most 16 MiB together",
        chapter: .framing,
        hint: "Let memory grow with what has arrived, never with what was announced."
    ) { lab in
        let server = try lab.server()
        try lab.exchange(Array("hello".utf8), over: try lab.connect("an earlier client"))
        let before = (server.memory, server.reservedMemory)
        for _ in 0..<200 {
            let client = try lab.connect("a client")
            try lab.exchange([], over: client)
            try client.send(Dialect.header(16 << 20) + [0x78])
        }
        // When the last one has been answered, so has every byte before it been read.
        try lab.exchange(Array("done?".utf8), over: try lab.connect("the last client"))
        try lab.expectNoHoard(in: server, since: before, most: 16 << 20)
    }

    static let unalignedStream = Behaviour(
        family: .frames,
        title: "66 MB of frames that never align with reads leave memory flat", chapter: .framing,
        hint: "What has been read must go, not be kept in front of what comes."
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        let payload = [UInt8](repeating: 0x75, count: 9973)
        let block = (0..<66).flatMap { _ in lab.dialect.message(payload) }
        let answer = (0..<66).flatMap { _ in lab.dialect.answer(to: payload) }
        var memory: [Int] = []
        for round in 0..<100 {
            lab.inBackground { try? client.send(block) }
            try lab.expect(answer, from: client)
            if round % 10 == 9 { memory.append(server.memory) }
        }
        let growth = memory[memory.count - 1] - memory[0]
        guard growth <= 4 << 20 else {
            throw Deviation(
                "memory grows with what has passed through",
                "  By \(growth / 1024) KiB between the 7th and the 66th megabyte.")
        }
    }

    static let repairedText = Behaviour(
        family: .frames, title: "NUL and CRLF come back as sent, invalid UTF-8 as U+FFFD",
        chapter: .framing,
        hint: "Decode with String(decoding:as:): it repairs, and neither stops at NUL nor fails."
    ) { lab in
        let payloads: [[UInt8]] = [
            [0xff, 0xfe], Array("a\0b\n".utf8), Array("line\r\n".utf8), [0xe2, 0x82],
        ]
        let client = try lab.connect()
        for payload in payloads { try lab.exchange(payload, over: client) }
    }

    static let noStalls = Behaviour(
        family: .frames, title: "50 questions and answers in a row take less than a second",
        chapter: .framing,
        hint: "Two writes for one reply, and Nagle's algorithm on: 40 ms for every reply."
    ) { lab in
        let client = try lab.connect()
        let time = try seconds {
            for round in 0..<50 { try lab.exchange(Array("question \(round)".utf8), over: client) }
        }
        guard time < 1 else {
            throw Deviation("replies are late", String(format: "  %.2f s for 50", time))
        }
    }

    static let oneWriteForAll = Behaviour(
        family: .frames, title: "The replies to frames of one read leave in one write",
        chapter: .codec,
        hint: "Collect the replies while there are frames left, and write before you wait."
    ) { lab in
        let payloads = (0..<16).map { Array("frame \($0)".utf8) }
        let answers = payloads.flatMap(lab.dialect.answer)
        let client = try lab.connect()
        for round in 0..<20 {
            try client.send(payloads.flatMap(lab.dialect.message))
            // On the loopback a write of this size arrives as one piece.
            let first = client.receive(most: answers.count)
            try lab.compare(Array(answers.prefix(first.bytes.count)), first.bytes, first.end)
            guard first.bytes.count == answers.count else {
                throw Deviation(
                    "replies leave one by one",
                    "  In round \(round + 1) the first \(first.bytes.count) of \(answers.count) "
                        + "bytes arrived alone.")
            }
        }
    }

    static let linearCost = Behaviour(
        family: .frames, title: "Ten times as many one-byte frames cost at most twice as much each",
        chapter: .framing,
        hint: "Something is moved or copied for every frame: work grows with the square."
    ) { lab in
        // In CI a million against a hundred thousand; ten thousand shows a square as well.
        let isThorough = ProcessInfo.processInfo.environment["CI"] != nil
        let count = isThorough ? 100_000 : 10_000
        let server = try lab.server()
        let block = (0..<1000).flatMap { _ in lab.dialect.message([0x31]) }
        let answer = lab.dialect.answer(to: [0x31]).count * 1000
        func cost(of count: Int) throws -> Double {
            let client = try lab.connect()
            let before = server.processorTime
            let deadline = Deadline(in: 120)
            lab.inBackground {
                for _ in 0..<count / 1000 { try? client.send(block, by: deadline) }
                client.shutdownWrite()
            }
            let received = client.receiveToEnd(by: deadline).bytes.count
            guard received == answer * count / 1000 else {
                throw Deviation("a part of the answer is missing")
            }
            return (server.processorTime - before) / Double(count)
        }
        _ = try cost(of: count / 10)
        let few = try cost(of: count)
        let many = try cost(of: 10 * count)
        guard many <= 2 * few else {
            throw Deviation(
                "a frame costs more, the more there have been",
                String(
                    format: "  %.1f us a frame of %d, %.1f of %d", few * 1e6, count, many * 1e6,
                    10 * count))
        }
    }
}

extension Behaviour {
    static let sameOutcome = Behaviour(
        family: .frames, title: "Stages 4 and 5 make the same of the same bytes", chapter: .codec,
        hint: "The codec is another way to write the same rules: lengths, limit, end of stream."
    ) { lab in
        let stages: [Stage] = [.framing, .codec]
        guard
            let other = stages.first(where: {
                $0.dialect.answer(to: []) != lab.dialect.answer(to: [])
            })
        else { return }
        let reference = Lab(program: other.ownProgram, dialect: other.dialect, judgesConsole: true)
        defer { reference.cleanUp() }
        var random = SeededGenerator(8)
        for round in 0..<30 {
            let script = Behaviour.script(using: &random)
            let outcome = try lab.play(script, withReason: lab.judgesConsole)
            let same = try reference.play(script, withReason: lab.judgesConsole)
            guard outcome == same else {
                throw Deviation(
                    "the outcomes differ",
                    "  Script \(round + 1) of \(script.count) bytes: \(outcome.end) here, "
                        + "\(same.end) in \(other.name).\n"
                        + difference(expected: same.content, received: outcome.content))
            }
        }
    }

    /// A few frames and then, often, something that is none.
    private static func script(using random: inout SeededGenerator) -> [UInt8] {
        var script: [UInt8] = []
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            script += Dialect.frame(random.bytes(.random(in: 0...500, using: &random)))
        }
        switch Int.random(in: 0...4, using: &random) {
        case 0: script += Dialect.header(.random(in: 16 << 20...0xffff_ffff, using: &random))
        case 1:
            script += Dialect.frame(random.bytes(100)).dropLast(
                .random(in: 1...103, using: &random))
        default: break
        }
        return script
    }
}

extension Lab {
    /// Plays a script and returns what it leads to, without what differs by design.
    ///
    /// - Parameters:
    ///   - script: What the client sends.
    ///   - withReason: Whether what standard error calls it is a part of the outcome.
    /// - Returns: The content of the replies, and how the stream ended.
    /// - Throws: If the server cannot be connected to.
    fileprivate func play(
        _ script: [UInt8], withReason: Bool
    ) throws -> (content: [UInt8], end: String) {
        let client = try connect()
        try? client.send(script)
        client.shutdownWrite()
        let (received, end) = client.receiveToEnd()
        let address = client.address
        client.close()
        // Every connection ends with this line; an error comes before it.
        guard withReason else { return (dialect.content(of: received), "\(end)") }
        _ = try server().waitForOutput { $0 == "Disconnected: \(address)" }
        let errors = try server().allErrors.filter { $0.contains("\(address):") }
        let reason = errors.map { $0.split(separator: ":").dropFirst(2).joined(separator: ":") }
        return (dialect.content(of: received), "\(end)\(reason)")
    }
}
