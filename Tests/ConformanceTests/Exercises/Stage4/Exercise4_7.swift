// SPDX-License-Identifier: Apache-2.0

/// 4.7 An answer in parts.
enum Exercise4_7 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .answersInParts, red: "the answer waits for the whole frame",
        changes: [
            Change(.splitEverywhere, .differs(Symptom.halfAnswered)),
            Change(.drippedFrame, .differs(Symptom.halfAnswered)),
            Change(.truncatedPayload, .differs(Symptom.moreThanAsked)),
            Change(.repairedText, .doesNotApply("bytes, not text")),
            Change(.sameOutcome, .doesNotApply("bytes, not text")),
            Change(.invalidNeighbour, .doesNotApply("bytes, not text")),
            // Nobody reads what comes back, and so the header behind it is never reached.
            Change(.refusedNonReader, .doesNotApply("no frame is read ahead of its answer")),
        ],
        dialect: .own(.raw))
}

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
        var received = try receive(
            opening + step - 65_536, of: answer, behind: [], from: client,
            instead: "the answer waits for the whole frame")
        guard first.join() else {
            throw Deviation(
                "the server reads too little", "  1 MiB was sent, and not all of it was taken.")
        }
        received = try receive(
            65_536, of: answer, behind: received, from: client,
            instead: "a part of what has arrived is withheld")
        let before = server.memory
        inBackground { try? client.send(payload[step...]) }
        while received.count < answer.count {
            received = try receive(
                min(step, answer.count - received.count), of: answer, behind: received,
                from: client, instead: Symptom.partMissing)
            let growth = server.memory - before
            guard growth <= 4 << 20 else {
                throw Deviation(
                    "the payload piles up",
                    "  The server has grown by \(growth / 1024) KiB while \(received.count >> 20) MiB "
                        + "of 16 went through.")
            }
        }
    }
}

extension Lab {
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
