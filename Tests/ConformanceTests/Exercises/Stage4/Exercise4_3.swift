// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 4.3 A checksum for every frame.
enum Exercise4_3 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .sums, red: "no sum comes after the answer",
        changes: [
            Change(.sameOutcome, .doesNotApply("frames with a sum")),
            // Built without optimisation, the sum of a reply of 48 MiB alone takes most of a second.
            Change(.invalidFlood, .doesNotApply("the sum takes too long")),
            Change(.invalidNeighbour, .doesNotApply("the sum takes too long")),
        ],
        dialect: .own(.summed))
}

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
        let payloads: [(bytes: [UInt8], advice: String)] = [
            (Array("hi".utf8), "Of the two bytes \"hi\", the sum is 01 3b 00 d2."),
            ([], "Of no bytes, the sum is 00 00 00 01."),
            (
                [0xff, 0xfe],
                "ff fe is no UTF-8. The sum is one of the bytes that came, not of a text."
            ),
            (
                [UInt8](repeating: 0x7a, count: 10_000),
                "Of 10,000 bytes, the second number outgrows 32 bits, unless it is divided on the way."
            ),
        ]
        for (payload, advice) in payloads {
            try client.send(dialect.message(payload))
            let expected = dialect.answer(to: payload)
            let (frame, end) = client.receive(exactly: expected.count - 4)
            if frame.isEmpty, end == .endOfStream {
                throw Deviation("a frame whose sum is right is refused", "  \(advice)")
            }
            try compare(Array(expected.dropLast(4)), frame, end)
            let sum = client.receive(exactly: 4).bytes
            guard sum.count == 4 else {
                throw Deviation(
                    "no sum comes after the answer",
                    "  expected \(expected.suffix(4).dump)\n  received \(sum.dump)")
            }
            guard sum == expected.suffix(4) else {
                throw Deviation(
                    "the sum after the answer is another",
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
