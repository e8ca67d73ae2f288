// Shutdowns in every situation. SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CampaignKit
import Foundation

/// `campaign shutdown`: stage 6 and its signals.
struct ShutdownCommand: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "shutdown",
        abstract: "Shuts stage 6 down: SIGINT and SIGTERM, in every situation.")

    /// The situations.
    @Argument(
        help: "The situations, such as idle; all, if none is named.", transform: namedSituation)
    var situations: [Situation] = []
    /// How often.
    @Option(help: "How often each is tried with each signal.")
    var times = 5
    /// The file for the results.
    @Option(help: "The file for the results, as JSON.")
    var output: String?
    /// Which program.
    @OptionGroup var choice: Choice

    /// Runs the command.
    func run() throws {
        prepare()
        let rows = try choice.found([.shutdown]).flatMap { _, program in
            try (situations.isEmpty ? Situation.allCases : situations).flatMap { situation in
                try [SIGINT, SIGTERM].map { signal in
                    let row = try Shutdown.tries(times, situation, signal: signal, program: program)
                    say(line(row, situation))
                    return row
                }
            }
        }
        if let output { try write(rows, to: output) }
        let total = rows.reduce((runs: 0, good: 0)) { ($0.runs + $1.runs, $0.good + $1.good) }
        say("\(total.good) of \(total.runs) shutdowns were as promised.")
        if total.good < total.runs { throw ExitCode.failure }
    }

    /// A row, with its figures.
    private func line(_ row: ShutdownRow, _ situation: Situation) -> String {
        let seconds = String(format: "%.2f", row.longest)
        var text =
            "\(row.signal), \(situation.words): \(row.good) of \(row.runs) as promised, "
            + "\(seconds) s at most"
        if row.due > 0 { text += ", \(row.delivered) of \(row.due) farewells" }
        return ([text] + row.problems.map { "    \($0)" }).joined(separator: "\n")
    }
}

/// Finds a situation.
@Sendable private func namedSituation(_ text: String) throws -> Situation {
    guard let situation = Situation(rawValue: text) else {
        let names = Situation.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no situation \(text), but \(names)")
    }
    return situation
}
