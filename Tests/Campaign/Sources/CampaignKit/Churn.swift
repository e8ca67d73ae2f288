// Many thousand clients who come and go. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What came of many thousand clients who came and went.
public struct ChurnRow: Codable, Sendable {
    /// The stage.
    public let stage: String
    /// How many came and went.
    public let connections: Int
    /// How long that took, in seconds.
    public internal(set) var seconds = 0.0
    /// What the process held when the first tenth of them had gone.
    public internal(set) var before = Usage()
    /// What it held when all had gone.
    public internal(set) var after = Usage()
    /// What it held meanwhile, every second.
    public internal(set) var samples: [Sample] = []
}

/// Lets many thousand clients come and go.
public enum Churn {
    /// How many are there at once.
    private static let atOnce = 50

    /// What one after the other does: those who are answered keep the others from coming faster than
    /// the server accepts.
    private static let scripts = [
        Script(.honest, seed: 1, [.say(20), .wait, .shut, .end]),
        Script(.rude, [.close]),
        Script(.rude, [.reset]),
        Script(.rude, seed: 2, [.say(20), .close]),
    ]

    /// Lets so many come and go; returns what was seen, and what was wrong with it.
    public static func run(
        _ plan: Plan, connections: Int
    ) throws -> (row: ChurnRow, violations: [Violation]) {
        let server = try Server.listening(plan.program)
        let crowd = Crowd(plan, server, isScarce: false)
        try Campaign.welcome(crowd)
        // What a process makes once, and what its allocator keeps, it has after the first tenth.
        let start = Clock.now
        try admit(1...max(1, connections / 10), crowd)
        let quiet = Baseline(crowd, memory: 4 << 20)
        var row = ChurnRow(stage: plan.stage.name, connections: connections)
        row.before = quiet.usage
        crowd.recordsSamples = true
        try admit(connections / 10 + 1...connections, crowd)
        row.seconds = (Clock.now - start) / 1e3
        row.samples = crowd.samples
        var violations = crowd.violations
        if violations.isEmpty { (row.after, violations) = quiet.compare(within: plan.restTime) }
        return (row, violations)
    }

    /// Lets those with these numbers come and go.
    private static func admit(_ numbers: ClosedRange<Int>, _ crowd: Crowd) throws {
        var rest = numbers.makeIterator()
        try crowd.run(atOnce: atOnce) {
            rest.next().map { (number: $0, script: scripts[$0 % scripts.count]) }
        }
    }
}
