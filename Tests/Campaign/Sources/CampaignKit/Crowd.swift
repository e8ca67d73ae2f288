// Many clients at once, against one server. SPDX-License-Identifier: Apache-2.0

import Foundation

/// Many clients at once, in one thread: whoever leaves is followed by the next.
final class Crowd {
    /// Who they are and how long they wait.
    private let plan: Plan
    /// The stage.
    var stage: Stage { plan.stage }
    /// The server.
    let server: Server
    /// Whether descriptors may run out.
    let isScarce: Bool
    /// Whether a sanitizer is in the program, whose reports are collected until the end.
    var isSanitized: Bool { plan.isSanitized }
    /// What it has reported.
    private(set) var reports: [String] = []
    /// What was wrong so far.
    private(set) var violations: [Violation] = []
    /// How many clients have come, by their manners.
    private(set) var counts: [Manners: Int] = [:]
    /// Who was there when the first thing went wrong.
    private(set) var witnesses: [Int] = []
    /// Whether the process is looked at every second.
    var recordsSamples = false
    /// What it held, second after second.
    private(set) var samples: [Sample] = []
    /// The longest that a client waited for an answer, in milliseconds.
    private(set) var slowest = 0.0
    /// The memory that was in use before the first client came, in bytes; nil for no limit.
    var before: Int?

    /// Who is there.
    private var players: [Player] = []
    /// Who has a port, or had it last.
    private var owners: [UInt16: Player] = [:]
    /// The ports of clients of whom a complaint is expected.
    private var suspects: Set<UInt16> = []
    /// How many lines say that somebody has come.
    private var arrivals = 0
    /// How many lines say that somebody has gone.
    private var departures = 0
    /// The most that all who were there at one time may cost, in bytes.
    private var allowance = 0
    /// When to look at the process again.
    private var nextLook = 0.0
    /// When the first sample was taken.
    private var firstSample: Double?

    /// What a server may use for itself while it has clients, in bytes.
    private static let room = 32 << 20

    /// Prepares for clients of a server.
    init(_ plan: Plan, _ server: Server, isScarce: Bool) {
        self.plan = plan
        self.server = server
        self.isScarce = isScarce
    }

    /// Lets clients come, so many at once, until nobody follows and all have left, or something is
    /// wrong.
    func run(atOnce limit: Int, next: () -> (number: Int, script: Script)?) throws {
        var isOver = false
        while violations.isEmpty {
            while !isOver, players.count < limit {
                guard let (number, script) = next() else {
                    isOver = true
                    break
                }
                try admit(script, number)
            }
            if players.isEmpty { return }
            watch()
            for player in players { player.advance() }
            look()
            if recordsSamples { sample() }
        }
        witnesses = players.map(\.number)
        for player in players { player.leave() }
        players = []
    }

    /// Lets one more client connect.
    private func admit(_ script: Script, _ number: Int) throws {
        let player = try Player(script, number: number, plan, port: server.port)
        owners[player.port] = player
        if script.manners != .honest { suspects.insert(player.port) }
        counts[script.manners, default: 0] += 1
        players.append(player)
    }

    /// Waits until something happens, and hands it to whom it concerns.
    private func watch() {
        var entries = players.map(\.entry)
        for stream in [server.output, server.errors] {
            entries.append(pollfd(fd: stream.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let soonest = players.map(\.wakesAt).min() ?? 0
        let timeout = min(max(soonest - Clock.now, 0), 50)
        poll(&entries, nfds_t(entries.count), Int32(timeout.rounded(.up)))
        for (player, entry) in zip(players, entries) where entry.revents != 0 {
            player.handle(entry.revents)
        }
        if entries.suffix(2).contains(where: { $0.revents != 0 }) { readLog() }
    }

    /// Looks at what has become of clients, process and memory.
    private func look() {
        for player in players where player.hasEnded {
            if let violation = player.violation { violations.append(violation) }
            slowest = max(slowest, player.slowest)
        }
        // One by one: hundreds of clients leave in thousands of rounds.
        for index in players.indices.reversed() where players[index].hasEnded {
            players.swapAt(index, players.count - 1)
            players.removeLast()
        }
        guard Clock.now >= nextLook || !violations.isEmpty else { return }
        nextLook = Clock.now + 50
        allowance = max(allowance, players.reduce(0) { $0 + $1.allowance })
        if server.hasEnded, let ending = server.ending {
            readLog()
            let words = server.errors.recent.suffix(3).joined(separator: " | ")
            violations = [Violation(kind: .ended, what: "\(ending) \(words)")]
        } else if let before {
            let used = Usage.resident(server.pid)
            guard used > before + allowance + Self.room else { return }
            violations.append(
                Violation(
                    kind: .peak,
                    what: "\(mebibytes(used - before)) more than before they came, and "
                        + "\(mebibytes(allowance)) and \(mebibytes(Self.room)) are allowed"))
        }
    }

    /// Takes a sample, if a second has passed since the last one.
    private func sample() {
        let start = firstSample ?? Clock.now
        firstSample = start
        guard Clock.now >= start + Double(samples.count) * 1e3 else { return }
        let second = Int((Clock.now - start) / 1e3)
        samples.append(
            Sample(second: second, clients: players.count, usage: Usage.of(server.pid)))
    }

    /// Takes note of something wrong that somebody else has seen.
    func note(_ violation: Violation) { violations.append(violation) }

    /// Reads the log, and judges every line.
    func readLog() {
        server.output.read()
        server.errors.read()
        for line in server.output.takeLines() {
            if line.hasPrefix("Connected: ") { arrivals += 1 }
            guard line.hasPrefix("Disconnected: ") else { continue }
            departures += 1
            if let port = Self.port(in: line) { owners[port]?.wasDisconnected() }
        }
        for line in server.errors.takeLines() {
            if line.contains("the limit is"), let port = Self.port(in: line) {
                owners[port]?.wasRefused()
            }
            guard !isExpected(line) else { continue }
            if isSanitized {
                reports.append(line)
            } else {
                let client = Self.port(in: line).flatMap { owners[$0]?.number }
                violations.append(Violation(kind: .complaint, what: line, client: client))
            }
        }
        if let line = server.output.offence ?? server.errors.offence {
            violations.append(Violation(kind: .log, what: line))
        }
    }

    /// How many clients the log doesn't show the end of.
    var missing: Int { arrivals - departures }

    /// The port in a line such as `Disconnected: 127.0.0.1:4711`.
    private static func port(in line: String) -> UInt16? {
        guard let address = line.range(of: "127.0.0.1:") else { return nil }
        return UInt16(line[address.upperBound...].prefix { $0.isNumber })
    }

    /// Whether a line on standard error is what clients like these bring about.
    private func isExpected(_ line: String) -> Bool {
        if plan.interference?.explains(line) == true { return true }
        if line.hasPrefix("Accept error: ") {
            let shortages = ["Too many open files", "errno: 24"]
            return isScarce && shortages.contains { line.contains($0) }
        }
        guard line.hasPrefix("Error from ") else { return false }
        if let port = Self.port(in: line), !suspects.contains(port) { return false }
        let reasons = [
            "Connection reset by peer", "Broken pipe", "truncated frame", "the limit is 16777216",
            // A client that had gone before its options were set, or its write side was shut.
            "not connected", "Transport endpoint", "Invalid argument",
            // SwiftNIO: a write that was waiting when the channel closed, a close of what is closed.
            "I/O on closed channel", "Already closed",
        ]
        return reasons.contains { line.contains($0) }
    }
}

/// Bytes in MiB, with one digit behind the point.
func mebibytes(_ bytes: Int) -> String {
    "\(Double(bytes * 10 / (1 << 20)) / 10) MiB"
}
