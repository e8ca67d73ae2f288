// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Frames that are refused, and streams that end where they should not.
extension Behaviour {
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
            try lab.expectNamed("\(length)", by: client)
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
        hint: "Reading on until the peer closes needs a deadline: this peer never closes.",
        mostlyWaits: true
    ) { lab in
        let client = try lab.connect()
        try client.send(Dialect.header(0xffff_ffff))
        guard let time = lab.timeUntilCutOff(client, sending: 0x21, within: 3.5) else {
            throw Deviation(Symptom.readsOnForEver)
        }
        if time < 1.5 { throw Deviation(Symptom.noTimeGiven) }
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
                let isSaid = try lab.isLogged(of: client) {
                    $0.contains(address) && $0.lowercased().contains("truncated")
                }
                if !isSaid {
                    try lab.console(Deviation(Symptom.notCalledTruncated))
                }
            }
        }
    }
}

extension Lab {
    /// Expects a line on standard error that names the length of a refused frame, and the limit.
    func expectNamed(_ length: String, by client: Client) throws {
        let isSaid = try isLogged(of: client) { $0.contains(length) && $0.contains("16777216") }
        guard !isSaid else { return }
        try console(
            Deviation(
                Symptom.lengthUnnamed, "  a line with \(length) and 16777216 was expected"))
    }
}
