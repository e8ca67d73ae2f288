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
            if client.waitForData(0.005) { throw Deviation(Symptom.halfAnswered) }
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
            if client.waitForData(0.005) { throw Deviation(Symptom.halfAnswered) }
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
            throw Deviation(Symptom.repliesLate, String(format: "  %.2f s for 50", time))
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
                    Symptom.oneByOne,
                    "  In round \(round + 1) the first \(first.bytes.count) of \(answers.count) "
                        + "bytes arrived alone.")
            }
        }
    }
}
