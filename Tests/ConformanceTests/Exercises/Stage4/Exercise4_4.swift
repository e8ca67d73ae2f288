// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 4.4 Lines.
enum Exercise4_4 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .lines, red: Symptom.closesWithoutAnswer,
        changes: headers.map { Change($0, .doesNotApply("lines have no header")) }
            + [Behaviour.repairedText, .loggedText].map {
                Change($0, .doesNotApply("a line feed ends a line"))
            },
        dialect: .own(.lines))

    /// The rows that put a length on the wire themselves.
    private static let headers: [Behaviour] = [
        .largestFrame, .oneTooLong, .signBit, .allOnes, .refusalEnds, .truncatedHeader,
        .truncatedPayload, .hoarders, .silentAfterLargest, .sameOutcome, .refusedNonReader,
        .neverReaderText, .neverReaderInvalid, .invalidFlood, .invalidNeighbour,
    ]
}

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
        guard let time = timeUntilCutOff(client, sending: 0x21, within: 3.5) else {
            throw Deviation(Symptom.readsOnForEver)
        }
        if time < 1.5 { throw Deviation(Symptom.noTimeGiven) }
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
