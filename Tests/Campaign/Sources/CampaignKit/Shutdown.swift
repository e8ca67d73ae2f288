// Shutdowns of stage 6, in every situation. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What became of shutdowns in one situation.
public struct ShutdownRow: Codable, Sendable {
    /// The situation.
    public let situation: String
    /// The signal.
    public let signal: String
    /// How often it was tried.
    public internal(set) var runs = 0
    /// How often the process ended as it should.
    public internal(set) var good = 0
    /// How many farewells were due.
    public internal(set) var due = 0
    /// How many of them came.
    public internal(set) var delivered = 0
    /// The longest that an end took, in seconds.
    public internal(set) var longest = 0.0
    /// What went wrong, each once.
    public internal(set) var problems: [String] = []
}

/// Shuts stage 6 down.
public final class Shutdown {
    /// What the signal finds.
    private let situation: Situation
    /// The signal.
    private let signal: Int32
    /// What has become of all tries.
    private var row: ShutdownRow
    /// The server of this try.
    private var server: Server
    /// Its clients.
    private var guests: [Guest] = []
    /// When the signal was sent.
    private var signalledAt = 0.0

    /// Shuts a program down a number of times in a situation.
    public static func tries(
        _ count: Int, _ situation: Situation, signal: Int32, program: URL
    ) throws -> ShutdownRow {
        let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
        var row = ShutdownRow(situation: situation.rawValue, signal: name)
        for number in 0..<count {
            if situation == .starting {
                try tryStarting(program, signal, delay: Double(1 + number % 25), &row)
            } else {
                let one = try Shutdown(program, situation, signal, row)
                try one.act()
                row = one.row
            }
        }
        return row
    }

    /// Starts the server.
    private init(_ program: URL, _ situation: Situation, _ signal: Int32, _ row: ShutdownRow) throws
    {
        self.situation = situation
        self.signal = signal
        self.row = row
        server = try Server.listening(program, in: situation.surroundings)
    }

    /// A signal during the start ends the process, one way or the other.
    private static func tryStarting(
        _ program: URL, _ signal: Int32, delay: Double, _ row: inout ShutdownRow
    ) throws {
        let server = try Server(program)
        Clock.letPass(delay)
        let start = Clock.now
        kill(server.pid, signal)
        row.runs += 1
        guard server.waitForEnd(3_000) else {
            row.note("a signal \(Int(delay)) ms after the start was lost")
            return
        }
        row.longest = max(row.longest, (Clock.now - start) / 1e3)
        if server.ending == .status(0) || server.ending == .signal(signal) {
            row.good += 1
        } else {
            row.note("ended with \(server.ending.map { "\($0)" } ?? "nothing")")
        }
    }

    /// Brings the situation about, sends the signal, and judges what comes of it.
    private func act() throws {
        for _ in 0..<situation.guests {
            guests.append(try Guest(port: server.port, situation.habit))
        }
        for guest in guests { guest.say(Array("hello\n".utf8)) }
        let isCrowded = situation == .outOfDescriptors
        watch(until: Clock.now + (isCrowded ? 300 : 10_000)) { [guests, situation] in
            situation.habit == .neverReads || guests.allSatisfy(\.wasServed)
        }
        try prepare()
        let served = guests.filter(\.wasServed)
        kill(server.pid, signal)
        if situation == .bothSignals { kill(server.pid, signal == SIGINT ? SIGTERM : SIGINT) }
        signalledAt = Clock.now
        if situation == .closing {
            for (number, guest) in guests.enumerated() { guest.leave(isReset: number % 2 == 0) }
        }
        watch(until: signalledAt + 5_000) { [server] in server.hasEnded }
        let seconds = (Clock.now - signalledAt) / 1e3
        // What was on its way when the process ended.
        watch(until: Clock.now + 500) { [guests] in guests.allSatisfy { $0.entry.fd < 0 } }
        judge(seconds, served)
    }

    /// The last things before the signal.
    private func prepare() throws {
        switch situation {
        case .midMessage:
            for guest in guests { guest.say([UInt8](repeating: 0x61, count: 1_000)) }
            watch(until: Clock.now + 1) { false }
        case .streaming: watch(until: Clock.now + 100) { false }
        case .stalled:
            for guest in guests { guest.say([UInt8](repeating: 0x61, count: 16 << 20)) }
            watch(until: Clock.now + 300) { false }
        case .connecting:
            for _ in 0..<60 { guests.append(try Guest(port: server.port, .hangsUp)) }
            watch(until: Clock.now + 1) { false }
        case .unreadLog:
            for _ in 0..<90 { try Guest(port: server.port, .hangsUp).leave(isReset: false) }
            Clock.letPass(200)
        default: break
        }
    }

    /// Lets clients do what they do until a condition holds or the time is over.
    private func watch(until deadline: Double, isOver: () -> Bool) {
        while !isOver(), Clock.now < deadline {
            var entries = guests.map(\.entry)
            poll(&entries, nfds_t(entries.count), 2)
            for (guest, entry) in zip(guests, entries) where entry.revents != 0 {
                guest.handle(entry.revents)
            }
            guard situation != .unreadLog else { continue }
            server.output.read()
            server.errors.read()
        }
    }

    /// Judges a shutdown.
    private func judge(_ seconds: Double, _ served: [Guest]) {
        row.runs += 1
        row.longest = max(row.longest, seconds)
        var isGood = true
        func note(_ problem: String) {
            isGood = false
            row.note(problem)
        }
        if server.ending != .status(0) {
            note(server.ending.map { "ended with \($0)" } ?? "still there after 5 s")
        } else if seconds > situation.limit {
            note("took more than \(situation.limit) s")
        }
        if situation.owesFarewell {
            let delivered = served.count { $0.gotFarewell }
            row.due += served.count
            row.delivered += delivered
            if delivered < served.count { note("farewells are missing") }
        }
        if situation == .connecting {
            let last = guests.dropFirst().compactMap(\.endedAt).max() ?? .infinity
            if guests.contains(where: { $0.endedAt == nil }) || last > signalledAt + 1_200 {
                note("who was just connecting was kept, and not served")
            }
        }
        if isGood { row.good += 1 }
    }
}

extension ShutdownRow {
    /// Keeps a problem, once.
    mutating func note(_ problem: String) {
        if !problems.contains(problem) { problems.append(problem) }
    }
}
