// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

@testable import Stage5_Codec

extension Exercise {
    /// The exercises of docs/exercises/stage5.md.
    static let stage5: [Exercise] = [
        Exercise(
            number: "5.1", title: "Mystery 2", grade: .warmUp, stage: .codec,
            kind: .diagnose(
                mystery: 2, shownBy: .typicalFrame, red: "other bytes come back",
                [
                    .choice(
                        "fault", "c", of: "abcd",
                        advice: "Look at the reply's bytes: what do the first four announce?")
                ])),
        Exercise(
            number: "5.2", title: "A codec", grade: .core, stage: .codec,
            kind: .build(lesson: .codecAlone, red: "the codec finds no message")),
        Exercise(
            number: "5.3", title: "Half a message is not enough", grade: .warmUp, stage: .codec,
            kind: .breaking([.truncatedHeader, .truncatedPayload, .sameOutcome])),
        Exercise(
            number: "5.4", title: "The library's decoder", grade: .core, stage: .codec,
            kind: .extend(
                .librarysDecoder, red: "our own codec is still in use",
                changes: [
                    // It knows no limit but the largest Int32, and forgets the length it refuses.
                    Change(.oneTooLong, .differs("the server does not close")),
                    Change(.signBit, .unnamed), Change(.allOnes, .unnamed),
                    // Its error ends the sequence, and with it the reading.
                    Change(.refusalEnds, .differs("the client is given no time")),
                    Change(.refusalWithUnread, .doesNotApply("nobody reads on")),
                    // It has taken the length, and forgets that it waits for what it announces.
                    Change(
                        .truncatedPayload, .differs("standard error does not call it truncated")),
                    Change(.sameOutcome, .differs("the outcomes differ")),
                    // Frames come one by one, and nothing says where a read ended.
                    Change(.oneWriteForAll, .differs("replies leave one by one")),
                ])),
        Exercise(
            number: "5.5", title: "A heartbeat", grade: .core, stage: .codec,
            kind: .extend(.heartbeat, red: "no heartbeat comes")),
        Exercise(
            number: "5.6", title: "A chat room", grade: .stretch, stage: .codec,
            kind: .extend(.chatRoom, red: "what one says does not reach the others")),
        Exercise(
            number: "5.7", title: "How many writes?", grade: .core, stage: .codec,
            kind: .measure([
                .number(
                    "reads", in: 2...2, "calls",
                    advice: "Count the calls that returned bytes from the client, not the others."),
                .number(
                    "writes", in: 2...2, "calls",
                    advice: "Count the calls to the client's descriptor; 1 is the log."),
                .number(
                    "one", in: 1...1, "calls",
                    advice: "Half a frame gets no answer: what is there to write in between?"),
                .choice(
                    "why", "b", of: "abc",
                    advice: "How many frames has each read completed, and how many answers has "
                        + "the write behind it? Divide both figures."),
            ])),
    ]
}

extension Cell {
    /// What a refusal looks like whose reason is the library's.
    fileprivate static let unnamed = differs(
        "standard error does not name the length and the limit")
}

extension Lab {
    /// The stage's source, without comments and without its codec; nil for a reader's own program.
    fileprivate var source: String? {
        guard !program.isForeign else { return nil }
        let folder = Stage.package.appendingPathComponent(Stage.codec.name)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".swift") && $0 != "FrameCodec.swift" }.sorted()
            .compactMap {
                try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
            }
            .joined(separator: "\n").split(separator: "\n")
            .map { $0.components(separatedBy: "//")[0] }.joined(separator: "\n")
    }
}

// MARK: - 5.2

extension Behaviour {
    /// Exercise 5.2: the names and types are those that docs/workbook start hands out.
    fileprivate static let codecAlone = Behaviour(
        family: .frames, title: "The codec works, without a socket", chapter: .codec,
        hint: "Look at the length without taking it; take it together with its payload."
    ) { lab in
        try lab.decodesWhole()
        try lab.leavesHalfAlone()
        try lab.minds()
        try lab.encodes()
        // On the wire nobody can tell; but two that take frames apart are one too many.
        if let source = lab.source, !source.contains("FrameCodec") {
            throw Deviation(
                "the server does without the codec",
                "  FrameCodec is right, but nothing in \(Stage.codec.name) uses it.")
        }
    }
}

extension Lab {
    /// Whole messages, one after the other.
    fileprivate func decodesWhole() throws {
        var buffer = ByteBuffer(bytes: Dialect.frame(Array("hi".utf8)) + Dialect.frame([]))
        buffer.writeBytes(Dialect.frame([0xff, 0x61, 0x00]))
        for expected in ["hi", "", "\u{fffd}a\0"] {
            let given = Array(buffer.readableBytesView)
            let text = try decode(&buffer)
            guard let text else {
                throw Deviation("the codec finds no message", story(given, "nil", expected))
            }
            guard text == expected else {
                throw Deviation(
                    "the codec finds another message",
                    story(given, text.debugDescription, expected))
            }
        }
        guard buffer.readableBytes == 0 else {
            throw Deviation(
                "the codec leaves a part of the message behind",
                "  After the last message, \(inWords(Array(buffer.readableBytesView))) are left.")
        }
    }

    /// Parts of a message, which stay where they are.
    fileprivate func leavesHalfAlone() throws {
        let message = Dialect.frame(Array("split".utf8))
        for count in 0..<message.count {
            let part = Array(message.prefix(count))
            var buffer = ByteBuffer(bytes: part)
            if let text = try decode(&buffer) {
                throw Deviation(
                    "the codec makes a message of a part",
                    "  decode was given \(inWords(part)) of a frame of \(message.count), "
                        + "and returned \(text.debugDescription); nil was expected.")
            }
            guard Array(buffer.readableBytesView) == part else {
                throw Deviation(
                    "the codec takes a part of the message",
                    "  decode was given \(inWords(part)) of a frame of \(message.count), "
                        + "and left \(buffer.readableBytes).\n"
                        + "  What it takes without returning it is gone when it is asked again.")
            }
        }
    }

    /// The limit, and the end of the stream.
    fileprivate func minds() throws {
        var atTheLimit = ByteBuffer(bytes: Dialect.header(16 << 20))
        guard try decode(&atTheLimit) == nil else {
            throw Deviation("the codec makes a message of a part")
        }
        for length in [16 << 20 + 1, 0x8000_0000, 0xffff_ffff] {
            var buffer = ByteBuffer(bytes: Dialect.header(length))
            guard (try? FrameCodec().decode(buffer: &buffer) as Any) == nil else {
                throw Deviation(
                    "the codec waits for a frame that is too long",
                    "  decode was given a length of \(length), and returned; "
                        + "an error was expected, before the payload comes.")
            }
        }
        for bytes: [UInt8] in [[0], [0, 0, 0, 1], [0, 0, 0, 2, 0x68]] {
            var buffer = ByteBuffer(bytes: bytes)
            guard (try? FrameCodec().decodeLast(buffer: &buffer, seenEOF: true) as Any) == nil
            else {
                throw Deviation(
                    "the codec takes half a message for a clean end",
                    "  decodeLast was given \(inWords(bytes)), and returned; "
                        + "an error was expected, as no more will come.")
            }
        }
        var rest = ByteBuffer(bytes: Dialect.frame(Array("last".utf8)))
        do {
            let last = try FrameCodec().decodeLast(buffer: &rest, seenEOF: true)
            let end = try FrameCodec().decodeLast(buffer: &rest, seenEOF: true)
            guard last.map({ String(buffer: $0) }) == "last", end == nil else {
                throw Deviation(
                    "the codec finds another message",
                    "  decodeLast was given \"last\" in a frame, then nothing, and returned "
                        + "\(last.debugDescription), then \(end.debugDescription).")
            }
        } catch let error where !(error is Deviation) {
            throw Deviation(
                "the codec takes a clean end for half a message",
                "  decodeLast was given a whole frame, then nothing, and threw: \(error)")
        }
    }

    /// Messages on their way out.
    fileprivate func encodes() throws {
        var out = ByteBuffer(string: "!")
        do {
            try FrameCodec().encode(data: ByteBuffer(string: "hé"), out: &out)
            try FrameCodec().encode(data: ByteBuffer(), out: &out)
        } catch {
            throw Deviation("the codec does not encode", "  encode threw: \(error)")
        }
        let expected = Array("!".utf8) + Dialect.frame(Array("hé".utf8)) + Dialect.frame([])
        let written = Array(out.readableBytesView)
        guard written == expected else {
            throw Deviation(
                "the codec encodes something else",
                "  \"hé\" and then an empty payload were encoded, behind a \"!\" that was there.\n"
                    + difference(expected: expected, received: written))
        }
    }

    private func decode(_ buffer: inout ByteBuffer) throws -> String? {
        let given = Array(buffer.readableBytesView)
        do {
            return try FrameCodec().decode(buffer: &buffer).map { String(buffer: $0) }
        } catch {
            throw Deviation(
                "the codec throws", "  decode was given \(inWords(given)), and threw: \(error)")
        }
    }

    private func story(_ given: [UInt8], _ returned: String, _ expected: String) -> String {
        "  decode was given \(inWords(given)),\n"
            + "  and returned \(returned); \(expected.debugDescription) was expected."
    }
}

// MARK: - 5.4

extension Behaviour {
    /// Exercise 5.4: what the stage's rows do not say of it.
    fileprivate static let librarysDecoder = Behaviour(
        family: .frames, title: "The library takes the frames apart, and puts them together",
        chapter: .codec, hint: "Decoder and prepender belong into the pipeline, in Listener.swift."
    ) { lab in
        let names = ["LengthFieldBasedFrameDecoder", "LengthFieldPrepender"]
        if let source = lab.source {
            if let missing = names.first(where: { !source.contains($0) }) {
                throw Deviation(
                    "our own codec is still in use",
                    "  Nothing in \(Stage.codec.name) uses \(missing).")
            }
            if source.contains("FrameCodec") {
                throw Deviation(
                    "our own codec is still in use, too",
                    "  Keep FrameCodec.swift, for its tests, but nothing else may use it.")
            }
        }
        try lab.endsWithTheLastAnswer()
        // Less is no longer possible on the header; but nobody may make it hold a gigabyte.
        let client = try lab.connect()
        try lab.exchange(Array("before".utf8), over: client)
        try client.send(Dialect.header(1 << 30))
        let block = [UInt8](repeating: 0x21, count: 1 << 20)
        for _ in 0..<24 where (try? client.send(block, by: Deadline(in: 4))) == nil { return }
        let (_, end) = client.receiveToEnd(by: Deadline(in: 4))
        guard end != .timeout else {
            throw Deviation(
                "it stores whatever is announced",
                "  1 GiB was announced, 24 MiB have been sent, and it waits for more.")
        }
    }
}

extension Lab {
    /// Behind an encoder, what was an empty write becomes a frame.
    fileprivate func endsWithTheLastAnswer() throws {
        let payload = Array("the last word".utf8)
        let client = try connect()
        try client.send(dialect.message(payload))
        client.shutdownWrite()
        let (received, end) = client.receiveToEnd()
        if received == dialect.answer(to: payload) + Dialect.header(0) {
            throw Deviation(
                "an empty frame comes behind the last answer",
                "  A prepender puts a length before every write, the empty one of `finish` too.")
        }
        try compare(dialect.answer(to: payload), received, end)
    }
}

// MARK: - 5.5

extension Behaviour {
    /// Exercise 5.5: an empty frame after 2 s of silence, and after 4; the end after 6.
    fileprivate static let heartbeat = Behaviour(
        family: .neighbours,
        title: "Who is silent hears a heartbeat every 2 s, and is let go after 6 s",
        chapter: .codec,
        hint: "A timer for every client, which whatever it says winds up again, and a count."
    ) { lab in
        // In both directions once, so that the server has its memory and its threads.
        try lab.talk("hello", over: try lab.connect("an earlier client"))
        let silent = Diary(try lab.connect("the silent client"))
        let half = Diary(try lab.connect("the client with half a frame"))
        try half.client.send([0, 0, 0, 9] + Array("half".utf8))
        let faithful = Diary(try lab.connect("the client that answers"))
        let busy = Diary(try lab.connect("the busy client"))
        // A byte at a time of a frame that is never complete: it counts all the same.
        try busy.client.send(Dialect.header(1000))
        var (answered, lastByte, wasLate) = (0, busy.age, false)
        // A byte for every heartbeat, of a frame that is never complete.
        let slow = Diary(try lab.connect("the client with a slow frame"))
        try slow.client.send(Dialect.header(100))
        var (bytesSent, isTooLate) = (0, false)

        let deadline = Deadline(in: 9.5)
        while !deadline.hasPassed {
            for diary in [silent, half, faithful, busy, slow] { diary.look() }
            if faithful.frames.count > 2 * answered, faithful.end == nil {
                answered += 1
                try? faithful.client.send(Dialect.frame(Array("here".utf8)))
            }
            if slow.end == nil, slow.frames.count > bytesSent,
                let beat = slow.frames.last, slow.age - beat.time > 0.1
            {
                // Were we kept from it for so long that the next heartbeat would be right?
                isTooLate = isTooLate || slow.age - beat.time > 1.7
                bytesSent = slow.frames.count
                try? slow.client.send([0x73])
            }
            if busy.age - lastByte > 0.5 {
                // Were we kept from it for so long that a heartbeat would be right?
                wasLate = wasLate || busy.age - lastByte > 1.7
                lastByte = busy.age
                try? busy.client.send([0x62])
            }
            if silent.frames.isEmpty, silent.age > 4 * Deadline.multiplier { break }
            if silent.end != nil, half.end != nil,
                faithful.frames.count >= 6 || faithful.end != nil,
                slow.frames.count >= 4 || slow.end != nil
            {
                break
            }
        }

        try silent.expectTwoBeatsAndTheEnd()
        try half.expectTwoBeatsAndTheEnd()
        try faithful.expectToBeKept()
        if !isTooLate { try slow.expectToBeKeptForItsBytes() }
        if !wasLate, let first = busy.frames.first {
            throw Deviation(
                "a busy client hears a heartbeat",
                "  It sends a byte every 0.5 s, of a frame of 1,000, and read "
                    + "\(inWords(Dialect.frame(first.payload))).")
        }
        if !wasLate, busy.end != nil { throw Deviation("a busy client is let go, too") }
    }
}

/// What a client reads, and when, in seconds since it connected.
private final class Diary {
    /// Who keeps it.
    let client: Client
    /// The frames that have come.
    private(set) var frames: [(time: Double, payload: [UInt8])] = []
    /// How the stream ended, and when.
    private(set) var end: (time: Double, kind: Client.End)?
    private var received: [UInt8] = []
    private let start = DispatchTime.now().uptimeNanoseconds

    /// Begins a diary.
    init(_ client: Client) { self.client = client }

    /// How long it has been kept.
    var age: Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }

    /// Reads what there is.
    func look() {
        guard end == nil, client.waitForData(0.01) else { return }
        let part = client.receive()
        received += part.bytes
        var rest = received[...]
        while let payload = Dialect.takeFrame(from: &rest) { frames.append((age, Array(payload))) }
        received = Array(rest)
        if let kind = part.end { end = (age, kind) }
    }

    /// What it says, for whoever has to understand a failure.
    private var text: String {
        var lines = frames.map {
            String(format: "  after %.1f s: ", $0.time) + inWords(Dialect.frame($0.payload))
        }
        if let end {
            let name = end.kind == .endOfStream ? "the end of the stream" : "a reset"
            lines.append(String(format: "  after %.1f s: ", end.time) + name)
        }
        return "  What \(client.name) read:\n"
            + (lines.isEmpty ? "  nothing" : lines.joined(separator: "\n"))
    }

    /// Heartbeats after 2 s and 4 s, and the end after 6 s.
    func expectTwoBeatsAndTheEnd() throws {
        let late = 2 * Deadline.multiplier
        guard let first = frames.first else {
            throw Deviation(
                end == nil ? "no heartbeat comes" : "a client is let go without a heartbeat", text)
        }
        guard frames.allSatisfy(\.payload.isEmpty) else {
            throw Deviation("a heartbeat is not an empty frame", text)
        }
        guard (1.8...2 + late).contains(first.time) else {
            throw Deviation("the heartbeat comes at another time", text)
        }
        guard let end else { throw Deviation("who never answers may stay", text) }
        guard end.kind == .endOfStream else {
            throw Deviation("who never answers gets a reset", text)
        }
        guard frames.count == 2, frames[1].time > 3.8, end.time > 5.8 else {
            throw Deviation("there are not two heartbeats, and then the end", text)
        }
    }

    /// A heartbeat every 2 s, and no end, though no frame is ever complete.
    func expectToBeKeptForItsBytes() throws {
        guard end == nil else {
            throw Deviation(
                "who answers with a part of a frame is let go",
                "  It announced a frame of 100 bytes, and sent one of them after each heartbeat.\n"
                    + "  A byte begins the count anew, not the frame it completes.\n" + text)
        }
    }

    /// A heartbeat and an answer in turn, and no end.
    func expectToBeKept() throws {
        guard end == nil else { throw Deviation("who answers is let go, too", text) }
        let answer = Array("Got it: here".utf8)
        let expected = (0..<6).map { $0 % 2 == 0 ? [] : answer }
        guard frames.prefix(6).map(\.payload) == expected else {
            throw Deviation("who answers every heartbeat hears something else", text)
        }
    }
}

// MARK: - 5.6

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
    }
}

extension Lab {
    /// Connects a client, and takes it into the room.
    private func join(_ name: String, receiveBuffer: Int32? = nil) throws -> Client {
        let client = try connect(name, receiveBuffer: receiveBuffer)
        try exchange(Array("/join".utf8), over: client)
        return client
    }

    /// Expects that somebody hears a text, and hears nothing before it.
    private func hears(_ client: Client, _ text: String, _ symptom: String) throws {
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
    private func says(_ client: Client, _ text: String) throws {
        do {
            try exchange(Array(text.utf8), over: client)
        } catch let deviation as Deviation where !deviation.evidence.isEmpty {
            throw Deviation(
                "somebody hears what is not for them",
                "  What \(client.name) should read next is the answer to \(text.debugDescription)."
                    + "\n" + deviation.evidence)
        }
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
        let text = [UInt8](repeating: 0x7a, count: 1 << 16)
        let count = 512
        let heard = Box(0)
        let frame = Dialect.frame(text)
        inBackground {
            for _ in 0..<count
            where listener.receive(exactly: frame.count, by: Deadline(in: 20)).bytes == frame {
                heard.add(1)
            }
        }
        timeline.add("the sleeper never reads")
        for number in 1...count {
            try speaker.send(dialect.message(text))
            let answer = dialect.answer(to: text)
            let (received, _) = speaker.receive(exactly: answer.count, by: Deadline(in: 3))
            guard received == answer else {
                throw Deviation(
                    "one who does not read stalls the room",
                    "  The speaker waits for the answer to message \(number) of \(count).")
            }
            // Who reads is never as far behind as somebody may be.
            guard Deadline().wait(until: { heard.value >= number - 8 }) else {
                throw Deviation(
                    "somebody who listens misses something",
                    "  \(heard.value) of \(number) messages have reached the listener.")
            }
        }
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
        guard Deadline().wait(until: { heard.value == count }) else {
            throw Deviation(
                "somebody who listens misses something",
                "  \(heard.value) of \(count) messages have reached the listener.")
        }
        for client in [speaker, listener, sleeper] { client.close() }
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
