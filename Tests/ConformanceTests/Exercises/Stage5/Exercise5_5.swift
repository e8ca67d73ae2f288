// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 5.5 A heartbeat.
enum Exercise5_5 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .heartbeat, red: "no heartbeat comes",
        // Within its 3 s, the row's silent client is asked once.
        changes: [Change(.idleTimeout, .differs(Symptom.moreThanAsked))])
}

extension Behaviour {
    /// Exercise 5.5: an empty frame after 2 s of silence, and after 4; the end after 6.
    fileprivate static let heartbeat = Behaviour(
        family: .neighbours,
        title: "Who is silent hears a heartbeat every 2 s, and is let go after 6 s",
        chapter: .codec,
        hint: "A timer for every client, which starts anew with all it says, and a count."
    ) { lab in
        // In both directions once, so that the server has its memory and its threads.
        try lab.talk("hello", over: try lab.connect("an earlier client"))
        try lab.expectPromptEnd()
        try lab.leavesNoTimer()
        let cast = try Cast(in: lab)
        cast.play(until: Deadline(in: 9.5))
        try cast.silent.expectTwoBeatsAndTheEnd()
        try cast.half.expectTwoBeatsAndTheEnd()
        try cast.faithful.expectToBeKept()
        if !cast.slowWasLate { try cast.slow.expectToBeKeptForItsBytes() }
        if !cast.busyWasLate { try cast.busy.expectNoHeartbeat() }
    }
}

/// Five clients at once, and what each of them does about its heartbeats.
private final class Cast {
    /// Says nothing.
    let silent: Diary
    /// Has sent half a frame, and says nothing more.
    let half: Diary
    /// Answers every heartbeat with a frame.
    let faithful: Diary
    /// Answers every heartbeat with a byte of a frame that is never complete.
    let slow: Diary
    /// Sends a byte every 0.5 s, of a frame that is never complete.
    let busy: Diary
    /// Whether the slow client was kept from its byte for so long that to be let go was right.
    private(set) var slowWasLate = false
    /// Whether the busy client was kept from its byte for so long that a heartbeat was right.
    private(set) var busyWasLate = false
    private var answers = 0
    private var bytesSent = 0
    private var lastByte: Double

    /// Connects them.
    init(in lab: Lab) throws {
        silent = Diary(try lab.connect("the silent client"))
        half = Diary(try lab.connect("the client with half a frame"))
        try half.client.send([0, 0, 0, 9] + Array("half".utf8))
        faithful = Diary(try lab.connect("the client that answers"))
        busy = Diary(try lab.connect("the busy client"))
        try busy.client.send(Dialect.header(1000))
        lastByte = busy.age
        slow = Diary(try lab.connect("the client with a slow frame"))
        try slow.client.send(Dialect.header(100))
    }

    /// Lets everybody act until all has been seen.
    func play(until deadline: Deadline) {
        while !deadline.hasPassed, !hasSeenAll {
            for diary in [silent, half, faithful, busy, slow] { diary.look() }
            answerWithAFrame()
            answerWithAByte()
            keepBusy()
        }
    }

    /// Whether nothing more can come that matters.
    private var hasSeenAll: Bool {
        if silent.frames.isEmpty, silent.age > 4 * Deadline.multiplier { return true }
        return silent.end != nil && half.end != nil
            && (faithful.frames.count >= 6 || faithful.end != nil)
            && (slow.frames.count >= 4 || slow.end != nil)
    }

    private func answerWithAFrame() {
        // Between two heartbeats comes the answer to the answer.
        guard faithful.frames.count > 2 * answers, faithful.end == nil else { return }
        answers += 1
        try? faithful.client.send(Dialect.frame(Array("here".utf8)))
    }

    private func answerWithAByte() {
        guard slow.end == nil, slow.frames.count > bytesSent, let beat = slow.frames.last else {
            return
        }
        let delay = slow.age - beat.time
        guard delay > 0.1 else { return }
        slowWasLate = slowWasLate || delay > 1.7
        bytesSent = slow.frames.count
        try? slow.client.send([0x73])
    }

    private func keepBusy() {
        let pause = busy.age - lastByte
        guard pause > 0.5 else { return }
        busyWasLate = busyWasLate || pause > 1.7
        lastByte = busy.age
        try? busy.client.send([0x62])
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
                    + "  Any byte begins the count anew: it need not complete a frame.\n" + text)
        }
    }

    /// No heartbeat, and no end.
    func expectNoHeartbeat() throws {
        if let first = frames.first {
            throw Deviation(
                "a busy client hears a heartbeat",
                "  It sends a byte every 0.5 s, of a frame of 1,000, and read "
                    + "\(inWords(Dialect.frame(first.payload))).")
        }
        guard end == nil else { throw Deviation("a busy client is let go, too") }
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
