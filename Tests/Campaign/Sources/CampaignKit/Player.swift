// A client that acts out its script. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A client that acts out its script, never blocking, and judges what it gets.
final class Player {
    /// What the next step waits for.
    private enum Waiting {
        case connection
        case nothing
        case sending
        case time(Double)
        case settling
        case end
        case cut(Double)
    }

    /// Its number in the campaign.
    let number: Int
    /// What it does.
    let script: Script
    /// The port at its end, by which the server's log calls it.
    let port: UInt16
    /// Its socket; -1 when it has gone.
    private(set) var descriptor: Int32
    /// What was wrong, if something was.
    private(set) var violation: Violation?
    /// The stage, which says how it is answered.
    private let stage: Stage
    /// How long it waits for anything to happen if it is honest, in milliseconds.
    private let honestPatience: Double
    /// The next step.
    private var place = 0
    private var waiting = Waiting.connection
    private var outgoing: [UInt8] = []
    private var sent = 0
    private var piece = (size: Int.max, gap: 0)
    private var nextPiece = 0.0
    private var deafUntil = 0.0
    private var owed: Owed
    private var chance: SeededGenerator
    private var lastProgress = Clock.now
    private var sawEnd = false
    private var hasShut = false

    /// Begins to connect.
    init(_ script: Script, number: Int, _ plan: Plan, port: UInt16) throws {
        self.number = number
        self.script = script
        stage = plan.stage
        honestPatience = plan.patience * 1e3
        owed = Owed(stage.dialect)
        chance = SeededGenerator(script.seed)
        (descriptor, self.port) = try Sockets.connect(
            to: port, isNarrow: script.steps.contains(.narrow))
    }

    /// Closes, if that hasn't been done.
    deinit { leave() }

    /// Whether its part is over.
    var hasEnded: Bool { descriptor < 0 }
    /// Whether it gets all that it is owed.
    private var isExact: Bool { script.manners != .rude }
    /// Whether it reads nothing for good by now.
    private var isDeaf: Bool { deafUntil > Clock.now }
    /// Whether there is something to send now.
    private var wantsToSend: Bool {
        if case .connection = waiting { return true }
        return sent < outgoing.count && nextPiece <= Clock.now
    }

    /// What to watch its socket for.
    var entry: pollfd {
        var events: Int32 = 0
        if wantsToSend { events |= POLLOUT }
        if !isDeaf, !sawEnd { events |= POLLIN }
        // Who does neither isn't told of a hang-up, which would be told again and again.
        let isSilent = events == 0 && !isWaitingToBeCut
        return pollfd(fd: isSilent ? -1 : descriptor, events: Int16(events), revents: 0)
    }

    /// Whether it waits to be cut off.
    private var isWaitingToBeCut: Bool {
        if case .cut = waiting { true } else { false }
    }

    /// When it has something to do by itself.
    var wakesAt: Double {
        var time = lastProgress + patience
        if case .time(let until) = waiting { time = until }
        if case .cut(let until) = waiting { time = until }
        if sent < outgoing.count, nextPiece > Clock.now { time = min(time, nextPiece) }
        if isDeaf { time = min(time, deafUntil) }
        return time
    }

    /// How long it waits for anything to happen: an honest one long, a rude one isn't known for it.
    private var patience: Double {
        if isExact { return honestPatience }
        return stage.servesOneAtATime && waitingForTurn ? honestPatience : 1_000
    }

    /// Whether it may simply not be its turn yet.
    private var waitingForTurn: Bool { owed.received == 0 && sent == 0 }

    /// Takes note of what its socket is ready for.
    func handle(_ events: Int16) {
        guard !hasEnded else { return }
        let events = Int32(events)
        if case .connection = waiting {
            let code = Sockets.error(of: descriptor)
            guard code == 0 else { return broken("connect", code) }
            waiting = .nothing
            lastProgress = Clock.now
            return
        }
        if isWaitingToBeCut, events & (POLLHUP | POLLERR) != 0 { return leave() }
        if events & (POLLIN | POLLHUP | POLLERR) != 0, !isDeaf, !sawEnd { receive() }
        if !hasEnded, events & (POLLOUT | POLLERR | POLLHUP) != 0, wantsToSend { send() }
    }

    /// Takes note that the server has said goodbye to it.
    func wasDisconnected() {
        if isWaitingToBeCut { leave() }
    }

    /// Goes on with its script, as far as it can without waiting.
    func advance() {
        while !hasEnded, isReady {
            guard place < script.steps.count else { return finish() }
            begin(script.steps[place])
            place += 1
        }
    }

    /// Whether what it waits for has happened.
    private var isReady: Bool {
        let isImpatient = Clock.now > lastProgress + patience
        switch waiting {
        case .nothing: return true
        case .time(let until): return Clock.now >= until
        case .sending where sent == outgoing.count: return true
        case .settling where owed.isSettled: return true
        case .end where sawEnd: return true
        case .cut(let until):
            if Clock.now > until {
                fail(.kept, "the server hasn't ended it, though it was due")
            }
            return false
        case .connection, .sending, .settling, .end:
            guard isImpatient else { return false }
            guard isExact else {
                outgoing = []
                sent = 0
                return true
            }
            fail(.stuck, "nothing for \(Int(patience / 1e3)) s, \(state)")
            return false
        }
    }

    /// How far it has come.
    private var state: String {
        let done =
            place > 0 ? "in step \(place) (it \(script.steps[place - 1].words))" : "connecting"
        return "\(done): \(counted(sent, "byte")) of \(outgoing.count) are sent, "
            + "\(owed.received) of the \(owed.total) owed have come"
    }
}

extension Player {
    /// Does a step, or begins to.
    private func begin(_ step: Step) {
        lastProgress = Clock.now
        waiting = .nothing
        switch step {
        case .narrow: break
        case .pieces(let size, let gap): piece = (size, gap)
        case .say(let count, let times): say(count, times: times)
        case .announce(let claimed, let sent):
            put(Dialect.header(claimed) + chance.bytes(sent))
        case .pause(let time): waiting = .time(Clock.now + Double(time))
        case .deaf(let time): deafUntil = time.map { Clock.now + Double($0) } ?? .infinity
        case .wait: waiting = .settling
        case .shut:
            shutdown(descriptor, Int32(SHUT_WR))
            hasShut = true
        case .end: waiting = .end
        case .close: finish()
        case .reset:
            Sockets.resetOnClose(descriptor)
            finish()
        case .gone(let time): waiting = .cut(Clock.now + Double(time))
        }
    }

    /// Sends messages, all the same.
    private func say(_ count: Int, times: Int) {
        let payload = stage.dialect.payload(count, style: script.seed, using: &chance)
        let message = stage.dialect.message(payload)
        // Nobody looks at what never comes.
        let reply = script.neverReads ? [] : stage.dialect.reply(to: payload)
        var all: [UInt8] = []
        all.reserveCapacity(message.count * times)
        for _ in 0..<times {
            all += message
            owed.add(reply)
        }
        put(all)
    }

    /// Sends bytes, and waits until they have left.
    private func put(_ bytes: [UInt8]) {
        outgoing = sent == outgoing.count ? bytes : Array(outgoing[sent...]) + bytes
        sent = 0
        // A header leaves together with what follows it.
        let followsSay = place + 1 < script.steps.count && piece.size == .max
        if followsSay, case .announce = script.steps[place + 1] { return }
        waiting = .sending
    }

    /// Sends what the socket takes, or a piece of it.
    private func send() {
        while sent < outgoing.count {
            let end = min(outgoing.count, piece.size == .max ? .max : sent + piece.size)
            let count = outgoing[sent..<end].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno != EAGAIN, errno != EINTR { broken("send", errno) }
                return
            }
            sent += count
            lastProgress = Clock.now
            if piece.gap > 0 {
                nextPiece = Clock.now + Double(piece.gap)
                return
            }
        }
    }

    /// Reads what has come, and compares it with what is owed.
    private func receive() {
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = 0
            let got = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if got > 0 {
                count = got
            } else if got == 0 {
                sawEnd = true
            } else if errno != EAGAIN, errno != EINTR {
                broken("recv", errno)
            }
        }
        guard !hasEnded else { return }
        if !chunk.isEmpty { lastProgress = Clock.now }
        if let wrong = owed.take(chunk[...]) { return fail(.wrongBytes, "got \(wrong); \(state)") }
        guard sawEnd else { return }
        if isWaitingToBeCut { return leave() }
        let saidAll = place == script.steps.count || isAtItsEnd
        if isExact, !owed.isSettled || !saidAll { fail(.lostBytes, "end of stream \(state)") }
        if !isExact, place == script.steps.count { leave() }
    }

    /// Whether only the end of the stream is left to come.
    private var isAtItsEnd: Bool {
        if case .end = waiting { true } else { false }
    }

    /// Takes note that the connection is broken: no wonder for a rude client.
    private func broken(_ call: String, _ code: Int32) {
        guard isExact else { return leave() }
        fail(.lostBytes, "\(call): \(String(cString: strerror(code))), \(state)")
    }

    /// Ends as the script wants it; whoever is owed something still has lost it.
    private func finish() {
        if isExact, !owed.isSettled, violation == nil {
            fail(.lostBytes, "its script is over, \(state)")
        }
        leave()
    }

    /// Ends with something wrong.
    private func fail(_ kind: Violation.Kind, _ what: String) {
        violation = violation ?? Violation(kind: kind, what: what, client: number)
        Sockets.resetOnClose(descriptor)
        leave()
    }

    /// Closes.
    func leave() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    /// The most that it may cost the server now, in bytes.
    var allowance: Int {
        let longest = script.longestMessage
        if script.neverReads {
            return stage.neverReaderMemory(frame: script.seed % 2 == 0 ? longest / 3 : longest)
        }
        return 128 << 10 + 4 * longest
    }
}
