// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What goes in comes out.
extension Behaviour {
    static let everyByteValue = Behaviour(
        family: .bytes, title: "Every byte value comes back as it was sent", chapter: .threads,
        hint: "A String holds text, not bytes: what is not UTF-8 cannot come out of it again."
    ) { lab in
        let payload = [UInt8](0...255)
        let client = try lab.connect()
        try client.send(lab.dialect.message(payload))
        client.shutdownWrite()
        try lab.expect(content: payload, thenEndOf: client)
    }

    static let randomMebibyte = Behaviour(
        family: .bytes, title: "1 MiB of random bytes comes back as it was sent", chapter: .sync,
        hint: "send(2) may take fewer bytes than it is given: send the rest, in a loop."
    ) { lab in
        var random = SeededGenerator(1)
        let payload = random.bytes(1 << 20)
        let client = try lab.connect()
        let message = lab.dialect.messages(payload)
        lab.inBackground {
            try? client.send(message)
            client.shutdownWrite()
        }
        try lab.expect(content: payload, thenEndOf: client)
    }

    static let oneByteAtATime = Behaviour(
        family: .bytes, title: "A message that arrives one byte at a time gets one answer",
        chapter: .framing,
        hint: "A read returns what has arrived: a part of a message, or several. It ends nothing."
    ) { lab in
        let payload = Array("hello".utf8)
        try lab.say(inParts: lab.dialect.message(payload).map { [$0] }, [payload])
    }

    static let twoInOneSegment = Behaviour(
        family: .bytes, title: "Two messages in one segment are answered one by one",
        chapter: .framing,
        hint: "A read may return several messages: answer every one that is complete."
    ) { lab in
        let payloads = [Array("alpha".utf8), Array("beta".utf8)]
        try lab.say(inParts: [payloads.flatMap(lab.dialect.message)], payloads)
    }

    static let twoHundredAsOne = Behaviour(
        family: .bytes, title: "Two 100-byte messages that arrive as 200 get two answers",
        chapter: .framing,
        hint: "TCP carries bytes: the 200 may be two messages, or one, or a half."
    ) { lab in
        let payloads = [[UInt8](repeating: 0x61, count: 100), [UInt8](repeating: 0x62, count: 100)]
        try lab.say(inParts: [payloads.flatMap(lab.dialect.message)], payloads)
    }

    static let twoHundredAsThree = Behaviour(
        family: .bytes, title: "Two 100-byte messages that arrive as 67 + 83 + 50 get two answers",
        chapter: .framing,
        hint: "Keep what has arrived of a message, and read on until it is complete."
    ) { lab in
        let payloads = [[UInt8](repeating: 0x61, count: 100), [UInt8](repeating: 0x62, count: 100)]
        let bytes = payloads.flatMap(lab.dialect.message)
        let parts = [bytes[..<67], bytes[67..<150], bytes[150...]].map(Array.init)
        try lab.say(inParts: parts, payloads)
    }

    static let promptEcho = Behaviour(
        family: .bytes, title: "50 messages of 8 kB and their answers in a row take under a second",
        chapter: .sync,
        hint: "With Nagle's algorithm on, a small write waits for the last one's acknowledgement."
    ) { lab in
        var random = SeededGenerator(10)
        let payload = random.text(8192)
        let client = try lab.connect()
        let time = try seconds {
            for _ in 0..<50 {
                try client.send(lab.dialect.message(payload))
                try lab.expect(content: payload, from: client)
            }
        }
        guard time < 1 else {
            throw Deviation(Symptom.answersLate, String(format: "  %.2f s for 50", time))
        }
    }

    static let visibleBoundaries = Behaviour(
        family: .bytes, title: "Two answers can be told from one that is as long as both",
        chapter: .framing,
        hint: "Nothing in a byte stream says where a message ends, unless the protocol does."
    ) { lab in
        func answer(to payloads: [String]) throws -> [UInt8] {
            let client = try lab.connect()
            try client.send(payloads.flatMap { lab.dialect.message(Array($0.utf8)) })
            client.shutdownWrite()
            let (bytes, _) = client.receiveToEnd()
            client.close()
            return bytes
        }
        let two = try answer(to: ["alpha", "beta"])
        let one = try answer(to: ["alphabeta"])
        if one == two { throw Deviation(Symptom.bytesNotMessages) }
    }

    static let splitScalar = Behaviour(
        family: .bytes, title: "A character that is split over two segments stays whole",
        chapter: .threads,
        hint: "Half a character is no UTF-8. Decode when the message is complete, not per read."
    ) { lab in
        let payload = Array("€".utf8)
        let message = lab.dialect.message(payload)
        let parts = [Array(message.dropLast(2)), Array(message.suffix(2))]
        try lab.say(inParts: parts, [payload])
    }

    static let halfCloseSmall = Behaviour(
        family: .bytes,
        title: "A client that sends 1 kB and shuts its write side gets all of it back, 100 times",
        chapter: .async,
        hint: "End of stream means that the client has no more to say. It may still be listening."
    ) { lab in
        var random = SeededGenerator(2)
        for _ in 0..<100 {
            let payload = random.text(1000)
            let client = try lab.connect()
            try client.send(lab.dialect.message(payload))
            client.shutdownWrite()
            try lab.expect(content: payload, thenEndOf: client)
            client.close()
        }
    }

    static let halfCloseLarge = Behaviour(
        family: .bytes,
        title: "8 MiB, then a shut write side, and a slow reader: nothing is missing",
        chapter: .async,
        hint: "A write that has returned is not yet on its way: wait for it before you close."
    ) { lab in
        var random = SeededGenerator(3)
        let payload = random.text(8 << 20)
        let client = try lab.connect(receiveBuffer: 8192)
        let message = lab.dialect.messages(payload)
        let deadline = Deadline(in: 30)
        let sender = lab.inBackground {
            try? client.send(message, by: deadline)
            client.shutdownWrite()
        }
        lab.letFillUp(sender)
        try lab.expect(content: payload, thenEndOf: client, pause: 1, by: deadline)
    }

    static let halfCloseAnySize = Behaviour(
        family: .bytes,
        title: "Just more than the kernel can hold, write side shut, only then read: all is there",
        chapter: .async,
        hint: "What didn't fit into the kernel any more is still to be sent: wait before you close."
    ) { lab in
        let room = try lab.kernelRoom()
        var random = SeededGenerator(11)
        // At one of these sizes the server holds the last bytes itself when it reads the end.
        for size in stride(from: room - (1 << 16), through: room + (5 << 16), by: 1 << 15) {
            let payload = random.text(max(size, 1))
            let client = try lab.connect()
            try client.send(lab.dialect.messages(payload))
            client.shutdownWrite()
            lab.letServerComeToRest()
            try lab.expect(content: payload, thenEndOf: client)
            client.close()
        }
    }

    static let bothSidesBlock = Behaviour(
        family: .bytes,
        title: "Who sends 16 MiB before reading a byte is stuck until it reads (its own fault)",
        chapter: .async,
        hint: "The server must not read on while its replies are not taken: back-pressure."
    ) { lab in
        var random = SeededGenerator(4)
        let payload = random.text(16 << 20)
        let client = try lab.connect(receiveBuffer: 1 << 16)
        let message = lab.dialect.messages(payload)
        var sent = 0
        while sent < message.count {
            let count = try client.sendSome(message[sent...])
            sent += count
            if count == 0, !client.canSend(within: 0.3) { break }
        }
        guard sent < message.count else {
            throw Deviation(Symptom.storesAll)
        }
        lab.timeline.add("client is stuck: the kernel takes no more, and the server reads no more")
        // A process that is stopped comes back from a send that is half done: a short write.
        for _ in 0..<3 where lab.hasProcess {
            lab.timeline.add("the server is stopped, and goes on (SIGSTOP, SIGCONT)")
            try lab.server().signal(SIGSTOP)
            letPass(0.02)
            try lab.server().signal(SIGCONT)
            letPass(0.02)
        }
        let rest = Array(message[sent...])
        let deadline = Deadline(in: 30)
        lab.inBackground {
            try? client.send(rest, by: deadline)
            client.shutdownWrite()
        }
        try lab.expect(content: payload, thenEndOf: client, by: deadline)
    }
}

extension Lab {
    /// How many bytes the kernel holds, on both sides, for a client that does not read.
    fileprivate func kernelRoom() throws -> Int {
        let server = try server()
        let client = try connect("a client")
        let message = dialect.message([UInt8](repeating: 0x78, count: 1 << 16))
        try client.sendUntilStuck(message, to: server)
        // A server that stands still adds nothing: what can be read now is what the kernel held.
        server.signal(SIGSTOP)
        defer { server.signal(SIGCONT) }
        var room = 0
        while client.waitForData(0.1) {
            let (bytes, end) = client.receive()
            room += bytes.count
            if end != nil { break }
        }
        client.reset()
        return room
    }
}

extension Lab {
    /// Waits until the server has done all that it can while its client reads nothing.
    ///
    /// A client that reads too soon makes room, and what would have been lost gets through.
    fileprivate func letServerComeToRest() {
        guard hasProcess, let server = try? server() else { return letPass(0.02) }
        var before = -1.0
        for _ in 0..<40 where server.processorTime > before {
            before = server.processorTime
            letPass(0.05)
        }
    }

    /// Sends the parts of a conversation one by one, and expects an answer for every payload.
    ///
    /// A server that answers every read is given the time to, so that two parts can't reach it in
    /// one read; one that waits for the rest of a message says nothing meanwhile.
    fileprivate func say(inParts parts: [[UInt8]], _ payloads: [[UInt8]]) throws {
        let client = try connect()
        var sent = 0
        var received: [UInt8] = []
        for part in parts {
            try client.send(part)
            sent += part.count
            if dialect.isFramed {
                client.waitForData(0.01)
                continue
            }
            while dialect.content(of: received).count < sent {
                let (bytes, end) = client.receive(by: Deadline(in: 1))
                received += bytes
                if end != nil { break }
            }
        }
        client.shutdownWrite()
        let (rest, end) = client.receiveToEnd()
        let expected = payloads.flatMap(dialect.answer)
        try compare(expected, received + rest, end)
    }
}
