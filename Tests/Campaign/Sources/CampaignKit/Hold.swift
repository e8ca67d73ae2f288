// Thousands of connections that stay, while some of them talk. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What came of thousands of connections that stayed.
public struct HoldRow: Codable, Sendable {
    /// The stage.
    public let stage: String
    /// How many connections stayed.
    public let connections: Int
    /// How many of them talked meanwhile.
    public let talking: Int
    /// How many answers those had, all of them right.
    public internal(set) var answers = 0
    /// The longest that one of them waited for an answer, in milliseconds.
    public internal(set) var slowest = 0.0
    /// What the process held before they came.
    public internal(set) var before = Usage()
    /// What it held while they were there.
    public internal(set) var during = Usage()
    /// What it held when they had gone.
    public internal(set) var after = Usage()
    /// What it held when as many had come again, and gone.
    public internal(set) var afterAsMany = Usage()

    /// What a connection cost, in bytes.
    public var bytesEach: Int { (during.resident - before.resident) / max(connections, 1) }
}

/// Holds thousands of connections.
public enum Hold {
    /// How many descriptors a process needs beside those of connections, a few event loops included.
    private static let spare = 200
    /// How long somebody who talks is silent between two messages, in milliseconds.
    private static let pause = 50

    /// Holds so many connections, while some of them talk, and then as many again; returns what was
    /// seen, and what was wrong with it.
    ///
    /// An allocator keeps some of what ten thousand have used, for those who come next. So memory is
    /// judged by the second ten thousand, who need no more.
    public static func run(
        _ plan: Plan, connections: Int, talking: Int
    ) throws -> (row: HoldRow, violations: [Violation]) {
        try Sockets.needDescriptors(connections + spare)
        let server = try Server.listening(plan.program)
        let crowd = Crowd(plan, server, isScarce: false)
        try Campaign.welcome(crowd)
        let quiet = Baseline(crowd, memory: nil)
        var row = HoldRow(stage: plan.stage.name, connections: connections, talking: talking)
        row.before = quiet.usage
        var violations = try hold(connections, crowd, plan, &row)
        if violations.isEmpty { (row.after, violations) = quiet.compare(within: plan.restTime) }
        guard violations.isEmpty else { return (row, violations) }
        let first = Baseline(crowd)
        violations = try hold(connections, crowd, plan, &row)
        if violations.isEmpty {
            (row.afterAsMany, violations) = first.compare(within: plan.restTime)
        }
        return (row, violations)
    }

    /// Holds so many connections once; returns what was wrong.
    private static func hold(
        _ connections: Int, _ crowd: Crowd, _ plan: Plan, _ row: inout HoldRow
    ) throws -> [Violation] {
        let bystanders = try admitted(connections - row.talking, crowd)
        try talk(row.talking, crowd, plan, &row)
        // Those who were silent have not been forgotten.
        for bystander in bystanders { try greet(bystander, "still here", crowd) }
        return crowd.violations
    }

    /// Lets so many connect, one after the other; each has been served once.
    private static func admitted(_ count: Int, _ crowd: Crowd) throws -> [Bystander] {
        var bystanders: [Bystander] = []
        while bystanders.count < count, crowd.violations.isEmpty {
            let bystander = try Bystander(port: crowd.server.port, crowd.stage.dialect)
            try greet(bystander, "hello", crowd)
            bystanders.append(bystander)
        }
        return bystanders
    }

    /// Has a word with somebody, unless something is wrong already.
    private static func greet(_ bystander: Bystander, _ text: String, _ crowd: Crowd) throws {
        guard crowd.violations.isEmpty else { return }
        if let violation = try bystander.converse(text) { crowd.note(violation) }
        // The pipe holds a few thousand lines.
        crowd.readLog()
    }

    /// Lets so many talk for as long as the plan says, and looks at the process meanwhile.
    private static func talk(
        _ count: Int, _ crowd: Crowd, _ plan: Plan, _ row: inout HoldRow
    ) throws {
        let messages = max(1, Int(plan.seconds * 1e3) / pause)
        var number = 0
        crowd.recordsSamples = true
        try crowd.run(atOnce: count) {
            guard number < count else { return nil }
            number += 1
            return (number, script(number, messages: messages))
        }
        // Of the first ones: what they cost hasn't been paid by others before; when all were there.
        if row.answers == 0 {
            let fullest = crowd.samples.map(\.usage).max { $0.descriptors < $1.descriptors }
            row.during = fullest ?? row.before
        }
        row.answers += crowd.violations.isEmpty ? count * messages : 0
        row.slowest = crowd.slowest
    }

    /// What somebody does who talks: so many messages, each answered before the next.
    private static func script(_ number: Int, messages: Int) -> Script {
        let start = Step.pause(number % pause)
        let message: [Step] = [.say(20 + number), .wait, .pause(pause)]
        let steps = [start] + (0..<messages).flatMap { _ in message } + [.shut, .end]
        return Script(.honest, seed: UInt64(number), steps)
    }
}
