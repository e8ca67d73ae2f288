// Many connections, and much time. SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CampaignKit
import Foundation

/// What the commands for size and time have in common.
struct Course: ParsableArguments {
    /// The stages.
    @Argument(
        help: "The stages, such as 4 or Stage4; 2 to 6, if none is named.", transform: namedStage)
    var stages: [Stage] = []
    /// The file for the results.
    @Option(help: "The file for the results, as JSON.")
    var output: String?
    /// Which program.
    @OptionGroup var choice: Choice

    /// Puts one stage after the other to something, and writes down what was seen; a failure that
    /// is told of already ends the command with status 1.
    func each<Row: Encodable>(
        _ act: (Stage, URL) throws -> (row: Row, violations: [Violation])
    ) throws {
        prepare()
        var rows: [Row] = []
        var hasFailed = false
        // Stage 1 serves one client at a time.
        let chosen = stages.isEmpty ? Stage.allCases.filter { $0 != .sync } : stages
        for (stage, program) in try choice.found(chosen) {
            let (row, violations) = try act(stage, program)
            rows.append(row)
            for violation in violations.prefix(3) {
                say("\(stage.name) FAILED: \(violation.promise): \(violation.story)")
            }
            hasFailed = hasFailed || !violations.isEmpty
            // Written after every stage: what was seen is kept, whatever comes.
            if let output { try write(rows, to: output) }
        }
        if hasFailed { throw ExitCode.failure }
    }
}

/// `campaign hold`: thousands of connections that stay.
struct HoldCommand: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Holds thousands of connections while some of them talk.")

    /// How many connections.
    @Option(help: "How many connections are held.")
    var connections = 10_000
    /// How many of them talk.
    @Option(help: "How many of them talk.")
    var talking = 100
    /// How long they talk.
    @Option(help: "For how many seconds they talk.")
    var seconds = 5.0
    /// Which stages, and what else they all have.
    @OptionGroup var course: Course

    /// Refuses what makes no sense.
    func validate() throws {
        guard talking > 0, connections >= talking else {
            throw ValidationError("from 1 to \(connections) of the connections can talk")
        }
    }

    /// Runs the command.
    func run() throws {
        try course.each { stage, program in
            let plan = Plan(stage, program: program, seed: 1, seconds: seconds)
            let (row, violations) = try Hold.run(plan, connections: connections, talking: talking)
            if violations.isEmpty { say(Words.held(row)) }
            return (row, violations)
        }
    }
}

/// `campaign churn`: many thousand connects and closes.
struct ChurnCommand: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "Lets many thousand clients come and go, and looks at what stays behind.")

    /// How many connections.
    @Option(help: "How many clients come and go.")
    var connections = 200_000
    /// Which stages, and what else they all have.
    @OptionGroup var course: Course

    /// Refuses what makes no sense.
    func validate() throws {
        guard connections >= 100 else { throw ValidationError("100 connections are the least") }
    }

    /// Runs the command.
    func run() throws {
        try course.each { stage, program in
            let plan = Plan(stage, program: program, seed: 1, seconds: 0)
            let (row, violations) = try Churn.run(plan, connections: connections)
            if violations.isEmpty { say(Words.churned(row)) }
            return (row, violations)
        }
    }
}

/// `campaign long`: random clients for many minutes.
struct LongCommand: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "long",
        abstract: "Lets random clients come for many minutes, and takes a sample every second.")

    /// How long clients come.
    @Argument(help: "For how many minutes clients come to each stage.")
    var minutes: Double
    /// What all clients come from.
    @Option(help: "The number that all clients come from; another one every time if not given.")
    var seed: UInt64?
    /// How many at once.
    @Option(help: "How many clients are there at once.")
    var clients: Int?
    /// Which stages, and what else they all have.
    @OptionGroup var course: Course

    /// Runs the command.
    func run() throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        say("Seed \(seed).")
        try course.each { stage, program in
            let plan = Plan(
                stage, program: program, seed: seed, seconds: minutes * 60, clients: clients)
            let outcome = try Campaign.long(plan)
            if outcome.violations.isEmpty { say(Words.fine(plan, outcome)) }
            return (LongRow(plan, outcome), outcome.violations)
        }
    }
}

/// Writes results as JSON, a line for each: there may be a thousand samples in one.
func write(_ rows: [some Encodable], to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let lines = try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    let text = "[\n\(lines.joined(separator: ",\n"))\n]\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
