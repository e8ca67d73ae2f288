// A client that acts out its script. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A client that acts out its script, never blocking, and judges what it gets.
final class Player {
    /// What the next step waits for.
    enum Waiting {
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
    var descriptor: Int32
    /// What was wrong, if something was.
    var violation: Violation?
    /// The stage, which says how it is answered.
    let stage: Stage
    /// How long it waits for anything to happen if it is honest, in milliseconds.
    let honestPatience: Double
    /// The next step.
    var place = 0
    /// What it waits for before that.
    var waiting = Waiting.connection
    /// What it sends at the moment.
    var outgoing: [UInt8] = []
    /// How much of that has left.
    var sent = 0
    /// How much it sends at a time, and how many milliseconds apart.
    var piece = (size: Int.max, gap: 0)
    /// When the next piece may leave.
    var nextPiece = 0.0
    /// Until when it reads nothing.
    var deafUntil = 0.0
    /// What it is owed, and the judge of what it gets.
    var owed: Owed
    /// Where its bytes come from.
    var chance: SeededGenerator
    /// When it last said something.
    var saidAt = 0.0
    /// The longest that it waited for all that it was owed, in milliseconds.
    var slowest = 0.0
    /// When something last happened.
    var lastProgress = Clock.now
    /// When the log said that it is refused.
    private(set) var refusedAt: Double?
    /// Whether it has read the end of the stream.
    var sawEnd = false

    /// How long a refusal may take after the last byte has left, in milliseconds: a busy server repairs
    /// and quotes megabytes before it comes to the header behind them.
    private static let longestWayToRefusal = 20_000.0

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
    var isExact: Bool { script.manners != .rude }
    /// Whether it reads nothing for good by now.
    var isDeaf: Bool { deafUntil > Clock.now }
    /// Whether there is something to send now.
    var wantsToSend: Bool {
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
    var isWaitingToBeCut: Bool {
        if case .cut = waiting { true } else { false }
    }

    /// When it has something to do by itself.
    var wakesAt: Double {
        var time = lastProgress + patience
        if case .time(let until) = waiting { time = until }
        if case .cut(let limit) = waiting { time = cutIsDue(limit) }
        if sent < outgoing.count, nextPiece > Clock.now { time = min(time, nextPiece) }
        if isDeaf { time = min(time, deafUntil) }
        return time
    }

    /// How long it waits for anything to happen: an honest one long, a rude one isn't known for it,
    /// except one that has to say all before it can be refused.
    var patience: Double {
        if isExact || script.isCutOff { return honestPatience }
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

    /// Takes note that the server has refused what it said.
    func wasRefused() { refusedAt = refusedAt ?? Clock.now }

    /// When the server has to have cut it off: so long after the refusal.
    private func cutIsDue(_ limit: Double) -> Double {
        refusedAt.map { $0 + limit } ?? lastProgress + Self.longestWayToRefusal
    }

    /// Takes note that the server has said goodbye to it.
    func wasDisconnected() {
        if isWaitingToBeCut { leave() }
    }

    /// Goes on with its script, as far as it can without waiting.
    func advance() {
        while !hasEnded, isReady {
            if case .settling = waiting { slowest = max(slowest, Clock.now - saidAt) }
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
        case .cut(let limit):
            if Clock.now > cutIsDue(limit) {
                let since = refusedAt.map { "\(Int(Clock.now - $0)) ms after its refusal" }
                fail(.kept, since ?? "it was refused in no line, nor ended")
            }
            return false
        case .connection, .sending, .settling, .end:
            guard isImpatient else { return false }
            guard isExact else {
                if script.isCutOff { fail(.kept, "it can't say what is refused, \(state)") }
                outgoing = []
                sent = 0
                return !hasEnded
            }
            fail(.stuck, "nothing for \(Int(patience / 1e3)) s, \(state)")
            return false
        }
    }

    /// How far it has come.
    var state: String {
        let done =
            place > 0 ? "in step \(place) (it \(script.steps[place - 1].words))" : "connecting"
        return "\(done): \(counted(sent, "byte")) of \(outgoing.count) are sent, "
            + "\(owed.received) of the \(owed.total) owed have come"
    }
}
