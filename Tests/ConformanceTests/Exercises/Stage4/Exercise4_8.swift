// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 4.8 When a read is cancelled.
enum Exercise4_8 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(.waitsAloud, red: "nothing is said in the silence")
}

extension Behaviour {
    /// Exercise 4.8: a word in the silence, after which the frame goes on.
    fileprivate static let waitsAloud = Behaviour(
        family: .frames, title: "Silence inside a frame is remarked on, and the frame goes on",
        chapter: .framing,
        hint: "What a read has taken out of the stream, nobody puts back. Where is it kept?"
    ) { lab in
        let whole = lab.dialect.message(Array("tool_input".utf8))
        // In the length, right behind it, and in the payload.
        for count in [2, 4, 7] { try lab.expectRemark(behind: count, of: whole) }
        try lab.expectRemarkInALongFrame()
        try lab.expectQuietBetweenFrames()
        try lab.expectTruncationAfterSilence()
    }
}

/// What a server says in the silence.
private let remark = Dialect.frame(Array("Still waiting".utf8))

extension Lab {
    /// Sends the beginning of a frame, expects a remark, and the answer once the rest has come.
    fileprivate func expectRemark(behind count: Int, of frame: [UInt8]) throws {
        let client = try connect()
        try exchange(Array("before".utf8), over: client)
        try client.send(frame[..<count])
        timeline.add("the rest of the frame is kept back")
        try expectRemark(from: client)
        let behind = Array("behind".utf8)
        try client.send(frame[count...] + dialect.message(behind))
        try expectInStep(
            dialect.answer(to: Array(frame[4...])) + dialect.answer(to: behind), from: client)
    }

    /// Expects a remark, half a second after the last byte.
    private func expectRemark(from client: Client) throws {
        let time = seconds { client.waitForData(1.4) }
        guard time < 1.4 else {
            throw Deviation(
                "nothing is said in the silence",
                "  A frame has begun, and for 1.4 s nothing comes of it, and nothing comes back.")
        }
        if time < 0.3 {
            throw Deviation(
                "the remark comes too early",
                String(format: "  after %.2f s; it was to be half a second", time))
        }
        try expectInStep(remark, from: client)
    }

    /// Expects bytes, and looks at the log if the server has taken text for a length.
    private func expectInStep(_ expected: [UInt8], from client: Client) throws {
        do {
            try expect(expected, from: client, by: Deadline(in: 3))
        } catch let deviation as Deviation {
            let address = client.address
            let line = try server().waitForError(by: Deadline(in: 0.2)) {
                $0.contains(address) && $0.contains("frame")
            }
            let log = line.map { "\n  standard error: \($0)" } ?? ""
            throw Deviation(
                "the stream is out of step",
                "  What was read before the silence is missing behind it, or is read twice:\n"
                    + deviation.evidence + log)
        }
    }

    /// Expects 1 MiB to be answered that comes in three parts, with a second of silence in between.
    fileprivate func expectRemarkInALongFrame() throws {
        let client = try connect()
        let payload = [UInt8](repeating: 0x61, count: 1 << 20)
        let frame = dialect.message(payload)
        let third = frame.count / 3
        for start in [0, third] {
            try client.send(frame[start..<start + third])
            for _ in 0..<2 { try expectRemark(from: client) }
        }
        try client.send(frame[(2 * third)...])
        try expectInStep(dialect.answer(to: payload), from: client)
    }

    /// Expects no remark while no frame has begun, and none behind an answer.
    fileprivate func expectQuietBetweenFrames() throws {
        let client = try connect()
        try exchange(Array("a whole one".utf8), over: client)
        if !client.isLeftAlone(for: 1.2) {
            throw Deviation(
                "silence between frames is remarked on, too", "  There, it may be silent for ever.")
        }
        try exchange(Array("and another".utf8), over: client)
    }

    /// Expects the end of the stream inside a frame to be an error, also behind a remark.
    fileprivate func expectTruncationAfterSilence() throws {
        let client = try connect()
        try client.send(dialect.message(Array("half".utf8)).dropLast(2))
        try expectRemark(from: client)
        client.shutdownWrite()
        let (received, end) = client.receiveToEnd(by: Deadline(in: 3))
        try expectOnly([], received, end, unwanted: "half a frame")
        try expectErrorLine(of: client, naming: "truncated")
    }
}
