// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 6.3 To the end of the frame.
enum Exercise6_3 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .finishesTheFrame, red: "it answers in bytes, not in frames",
        changes: [
            Change(.frames, .holds), Change(.visibleBoundaries, .holds),
            Change(.everyByteValue, .repaired), Change(.randomMebibyte, .repaired),
            Change(.loggedText, .holds), Change(.farewellIsNoData, .holds),
        ],
        dialect: .framed(.gotIt))
}

extension Cell {
    /// What stage 5 makes of bytes that are not UTF-8.
    fileprivate static let repaired = differs(Symptom.repaired)
}

extension Behaviour {
    /// Exercise 6.3: stage 5 with a shutdown that cuts no frame in two.
    fileprivate static let finishesTheFrame = Behaviour(
        family: .shutdown,
        title: "Half a frame is completed and answered; then comes the farewell, which is a frame",
        chapter: .shutdown,
        hint: "The processor knows what it holds of a frame: unprocessedBytes."
    ) { lab in
        let server = try lab.server()
        let between = try lab.connect("the client between two frames")
        try lab.expectFrames(from: between)
        let last = Array("the last".utf8)
        let message = lab.dialect.message(last)
        // What has been sent so far of the message, and what is sent with the rest of it.
        let parts = [
            ("inside a length", 2, []), ("inside a payload", 7, []),
            ("that is always inside a frame", 7, Array(message.prefix(7))),
        ]
        let inside = try parts.map { place, count, more in
            let client = try lab.connect("the client \(place)")
            // The whole frame gets an answer: when it is there, the half has been read as well.
            try client.send(lab.dialect.message(Array("whole".utf8)) + message.prefix(count))
            try lab.expect(lab.dialect.answer(to: Array("whole".utf8)), from: client)
            return (client: client, rest: message.dropFirst(count) + more)
        }
        lab.end(server, with: SIGTERM)
        try lab.expectFarewellFrame(behind: [], to: between)
        for (client, _) in inside {
            try lab.expectPatience(with: client, else: "half a frame is not waited for")
        }
        for (client, rest) in inside {
            // In two pieces: the first completes nothing, and is no reason to go.
            try client.send(rest.prefix(2))
            try lab.expectPatience(
                with: client, else: "a piece that completes no frame is taken for the last one")
            try client.send(rest.dropFirst(2))
            try lab.expectFarewellFrame(behind: lab.dialect.answer(to: last), to: client)
            client.close()
        }
        between.close()
        try lab.expectOrderlyEnd(of: server)
    }
}

extension Lab {
    /// Expects a frame for a frame.
    fileprivate func expectFrames(from client: Client) throws {
        let hello = Array("hello".utf8)
        try client.send(dialect.message(hello))
        let expected = dialect.answer(to: hello)
        let (received, end) = client.receive(exactly: expected.count, by: Deadline(in: 1))
        if dialect.message(hello).starts(with: received), !received.isEmpty {
            throw Deviation(
                "it answers in bytes, not in frames",
                difference(expected: expected, received: received))
        }
        try compare(expected, received, end)
    }

    /// Expects that a client inside a frame is left alone.
    fileprivate func expectPatience(with client: Client, else symptom: String) throws {
        guard client.waitForData(0.1) else { return }
        let (bytes, end) = client.receiveToEnd()
        throw Deviation(
            symptom, bytes.isEmpty ? "  \(client.name): \(end)" : "  received \(bytes.dump)")
    }

    /// Expects what is owed, the farewell as a frame, and the end of the stream.
    fileprivate func expectFarewellFrame(behind owed: [UInt8], to client: Client) throws {
        let (received, end) = client.receiveToEnd()
        let expected = owed + dialect.farewell
        let evidence = difference(expected: expected, received: received)
        if received.starts(with: owed), received.dropFirst(owed.count).starts(with: "Server".utf8) {
            throw Deviation("the farewell is no frame", evidence)
        }
        if received == owed { throw Deviation(Symptom.noFarewell, evidence) }
        if !owed.isEmpty, received.starts(with: dialect.farewell) {
            throw Deviation("the farewell comes before the answer", evidence)
        }
        try compare(expected, received, end)
        if end != .endOfStream { throw Deviation("no end of stream behind the farewell") }
    }
}
