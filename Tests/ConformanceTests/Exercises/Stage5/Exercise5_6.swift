// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 5.6 A chat room.
enum Exercise5_6 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .chatRoom, red: "what one says does not reach the others")
}

extension Behaviour {
    /// Exercise 5.6: `/join`, and what one says reaches the others; 1 MiB for who does not read.
    fileprivate static let chatRoom = Behaviour(
        family: .neighbours, title: "What one says in the room, all others hear", chapter: .codec,
        hint: "A register of who is in the room, and of how much each of them is still owed."
    ) { lab in
        try lab.introduces()
        try lab.keepsFramesWhole()
        try lab.forgivesANap()
        try lab.isNotStalled()
        try lab.forgetsWhoLeaves()
    }
}

extension Lab {
    /// Connects a client, and takes it into the room.
    private func join(_ name: String, receiveBuffer: Int32? = nil) throws -> Client {
        let client = try connect(name, receiveBuffer: receiveBuffer)
        try exchange(Array("/join".utf8), over: client)
        return client
    }

    /// Who hears what, who does not, and what becomes of the room when somebody leaves.
    fileprivate func introduces() throws {
        let deaf = "what one says does not reach the others"
        let anna = try join("Anna")
        let bert = try join("Bert")
        let carl = try join("Carl")
        let dora = try connect("Dora, who has not joined,")
        try says(anna, "hello")
        for other in [bert, carl] { try hears(other, "hello", deaf) }
        try says(bert, "hi, Anna")
        for other in [anna, carl] { try hears(other, "hi, Anna", deaf) }
        try says(dora, "not for you")
        // Had anybody heard too much, it would come before these answers.
        try says(dora, "me again")
        for client in [anna, bert, carl] { try says(client, "/join") }
        carl.reset()
        bert.shutdownWrite()
        try expect([], thenEndOf: bert)
        try says(anna, "is anybody there?")
        for client in [anna, bert, dora] { client.close() }
    }

    /// Two talk at the same time: answers and messages take turns, frame by frame.
    fileprivate func keepsFramesWhole() throws {
        let pair = [try join("Anna"), try join("Bert")]
        var random = SeededGenerator(12)
        let texts = pair.map { _ in
            (0..<1000).map { _ in random.text(.random(in: 1...400, using: &random)) }
        }
        for (client, texts) in zip(pair, texts) {
            let script = texts.map(dialect.message)
            // One by one, so that the server has many answers to write, and not a few long ones.
            inBackground { for message in script { try? client.send(message) } }
        }
        let opening = Array("Got it: ".utf8)
        for (index, client) in pair.enumerated() {
            let total = texts[index].flatMap(dialect.answer).count
            let others = texts[1 - index]
            let (received, end) = client.receive(
                exactly: total + others.flatMap { Dialect.frame($0) }.count,
                by: Deadline(in: 8))
            var rest = received[...]
            var (own, heard): ([[UInt8]], [[UInt8]]) = ([], [])
            while let payload = Dialect.takeFrame(from: &rest) {
                if payload.starts(with: opening) {
                    own.append(Array(payload.dropFirst(opening.count)))
                } else {
                    heard.append(Array(payload))
                }
            }
            guard own == texts[index], heard == others else {
                throw Deviation(
                    "two who talk at once are not understood",
                    "  \(client.name) said 1,000 things, and so did the other. \(client.name) reads "
                        + "\(own.count) answers and \(heard.count) messages"
                        + (end == .endOfStream || end == .reset ? ", then the end" : "")
                        + (rest.isEmpty ? "." : ", and \(rest.count) bytes that are no frame.")
                        + "\n  1,000 of each were expected, whole, each in its own order.")
            }
        }
        for client in pair { client.close() }
    }

    /// Somebody who does not read for a moment hears everything afterwards.
    fileprivate func forgivesANap() throws {
        let speaker = try join("the speaker")
        let napper = try join("the napper", receiveBuffer: 8192)
        let text = [UInt8](repeating: 0x6e, count: 1 << 16)
        timeline.add("the napper reads nothing for a while")
        for _ in 0..<12 { try exchange(text, over: speaker) }
        let expected = (0..<12).flatMap { _ in Dialect.frame(text) }
        let (received, _) = napper.receive(exactly: expected.count)
        guard received == expected else {
            throw Deviation(
                "a nap costs messages",
                "  768 KiB were said while it read nothing; "
                    + "\(received.count / 1024) KiB of them came.")
        }
        for client in [speaker, napper] { client.close() }
    }

    /// Somebody never reads: the others go on, memory stays flat, and in the end he has to go.
    fileprivate func isNotStalled() throws {
        let server = try server()
        let speaker = try join("the speaker")
        let listener = try join("the listener")
        let sleeper = try join("the sleeper", receiveBuffer: 8192)
        let (memory, descriptors) = (server.memory, server.openDescriptors)
        timeline.add("the sleeper never reads")
        try speak(times: 512, to: listener, from: speaker)
        let growth = server.memory - memory
        guard growth <= 16 << 20 else {
            throw Deviation(
                "memory grows with what one does not read",
                "  32 MiB were said, and the server has grown by \(growth >> 20) MiB.")
        }
        guard Deadline(in: 4).wait(until: { server.openDescriptors < descriptors }) else {
            throw Deviation(
                "who does not read may stay",
                "  32 MiB were said, and the sleeper's connection is still open in the server.")
        }
        for client in [speaker, listener, sleeper] { client.close() }
    }

    /// Says 64 KiB again and again; everybody who listens hears each in time.
    private func speak(times count: Int, to listener: Client, from speaker: Client) throws {
        let text = [UInt8](repeating: 0x7a, count: 1 << 16)
        let frame = Dialect.frame(text)
        let heard = Box(0)
        inBackground {
            for _ in 0..<count
            where listener.receive(exactly: frame.count, by: Deadline(in: 20)).bytes == frame {
                heard.add(1)
            }
        }
        let answer = dialect.answer(to: text)
        for number in 1...count {
            try speaker.send(dialect.message(text))
            let (received, _) = speaker.receive(exactly: answer.count, by: Deadline(in: 3))
            guard received == answer else {
                throw Deviation(
                    "one who does not read stalls the room",
                    "  The speaker waits for the answer to message \(number) of \(count).")
            }
            // Who reads is never as far behind as somebody may be; in the end, not at all.
            let least = number == count ? count : number - 8
            guard Deadline().wait(until: { heard.value >= least }) else {
                throw Deviation(
                    "somebody who listens misses something",
                    "  \(heard.value) of \(number) messages have reached the listener.")
            }
        }
    }
}

extension Lab {
    /// Expects that who joins and leaves leaves nothing behind.
    fileprivate func forgetsWhoLeaves() throws {
        let server = try server()
        timeline.add("3,000 clients join and leave, one after the other")
        func comeAndGo(_ count: Int) throws {
            for _ in 0..<count { try join("a client").close() }
        }
        // The first ones show the server how much memory that takes.
        try comeAndGo(500)
        let before = server.memory
        try comeAndGo(2500)
        let growth = server.memory - before
        guard growth <= 2 << 20 else {
            throw Deviation(
                "memory grows with members that have left",
                """
                  2,500 clients have joined and left, and the server has grown by
                  \(growth / 1024) KiB. Whoever says no more, in order or with an error, has to go
                  out of the register.
                """)
        }
    }
}

/// A number that two threads look at.
private final class Box: @unchecked Sendable {
    private let lock = NSLock()
    private var number: Int

    /// Creates a box.
    init(_ number: Int) { self.number = number }

    /// The number.
    var value: Int { lock.withLock { number } }

    /// Adds to the number.
    func add(_ step: Int) { lock.withLock { number += step } }
}

extension Lab {
    /// Expects that somebody hears a text, and hears nothing before it.
    fileprivate func hears(_ client: Client, _ text: String, _ symptom: String) throws {
        let expected = Dialect.frame(Array(text.utf8))
        let (received, end) = client.receive(exactly: expected.count, by: Deadline(in: 2))
        guard received == expected else {
            let isNothing = received.isEmpty && end == .timeout
            throw Deviation(
                isNothing ? symptom : "something else reaches the others",
                isNothing
                    ? "  \(client.name) has joined, and hears nothing of \(text.debugDescription)."
                    : difference(expected: expected, received: received))
        }
    }

    /// Says a text, and expects the answer, and nothing before it.
    fileprivate func says(_ client: Client, _ text: String) throws {
        do {
            try exchange(Array(text.utf8), over: client)
        } catch let deviation as Deviation where !deviation.evidence.isEmpty {
            throw Deviation(
                "somebody hears what is not for them",
                "  What \(client.name) should read next is the answer to \(text.debugDescription)."
                    + "\n" + deviation.evidence)
        }
    }
}
