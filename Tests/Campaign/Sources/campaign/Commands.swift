// The campaign's command line. SPDX-License-Identifier: Apache-2.0
//
//     swift run --package-path Tests/Campaign campaign

import ArgumentParser
import CampaignKit
import Foundation

/// The root command.
@main
struct Main: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "campaign",
        abstract:
            "Sends the stages crowds of random clients, honest and rude, and counts what is lost.",
        subcommands: [
            Run.self, Play.self, ShutdownCommand.self, HoldCommand.self, ChurnCommand.self,
            LongCommand.self, KernelCommand.self,
        ],
        defaultSubcommand: Run.self)
}

/// Which program is put to it.
struct Choice: ParsableArguments {
    /// The folder of the stages' programs.
    @Option(help: "The folder of the stages' programs; built if not given.")
    var programs: String?
    /// A program in the place of the stage's own.
    @Option(help: "Another server in the place of the stage's: a program that takes a port.")
    var server: String?

    /// The programs of the stages.
    func found(_ stages: [Stage]) throws -> [(stage: Stage, program: URL)] {
        if let server { return stages.map { ($0, URL(fileURLWithPath: server)) } }
        let folder =
            try programs.map { URL(fileURLWithPath: $0) }
            ?? Programs.built(stages, options: buildOptions)
        return stages.map { ($0, folder.appendingPathComponent($0.name)) }
    }
}

/// `campaign run`: random clients.
struct Run: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        abstract: "Lets random clients come: the same ones for the same seed.")

    /// The stages.
    @Argument(
        help: "The stages, such as 4 or Stage4; all, if none is named.", transform: namedStage)
    var stages: [Stage] = []
    /// What all clients come from.
    @Option(help: "The number that all clients come from; another one every time if not given.")
    var seed: UInt64?
    /// How long clients come.
    @Option(help: "For how many seconds clients come to each stage.")
    var seconds = 5.0
    /// How many at once.
    @Option(
        help: "How many clients are there at once; 60 for stage 1 and 200 for others if not given.")
    var clients: Int?
    /// How long a failure is shortened.
    @Option(help: "For how many seconds a failure is shortened.")
    var shorten = 40.0
    /// Whether a sanitizer is in it.
    @Flag(help: "Looks for a sanitizer's reports, and not at memory and time.")
    var sanitized = false
    /// Which program.
    @OptionGroup var choice: Choice

    /// Runs the command.
    func run() throws {
        prepare()
        let seed = seed ?? UInt64.random(in: 1...999_999)
        say("Seed \(seed).")
        var hasFailed = false
        for (stage, program) in try choice.found(stages.isEmpty ? Stage.allCases : stages) {
            var plan = Plan(stage, program: program, seed: seed, seconds: seconds, clients: clients)
            plan.isSanitized = sanitized
            let outcome = try Campaign.run(plan)
            if outcome.violations.isEmpty {
                say(Words.fine(plan, outcome))
                continue
            }
            hasFailed = true
            say(Words.wrong(plan, outcome))
            if let shrinker = Shrinker(plan, outcome, seconds: shorten) {
                if let shortest = try shrinker.shorten(outcome, seed: seed) {
                    say(Words.short(plan, shortest, isScarce: outcome.isScarce))
                } else {
                    say("It didn't happen again: it may take the right moment.")
                }
            }
            say(Words.again(plan))
        }
        if hasFailed { throw ExitCode.failure }
    }
}

/// `campaign play`: the clients that are named.
struct Play: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        abstract: "Lets the clients come that are named, as a failure has printed them.")

    /// The stage.
    @Argument(help: "The stage, such as 4.", transform: namedStage)
    var stage: Stage
    /// The clients.
    @Argument(help: "The clients, each with its steps: 'honest#5e: say 20; wait; shut; end'.")
    var lines: [String]
    /// Whether descriptors are to run out.
    @Flag(help: "Gives the server few descriptors.")
    var scarce = false
    /// How often.
    @Option(help: "How many times every client comes.")
    var times = 1
    /// Which program.
    @OptionGroup var choice: Choice

    /// Runs the command.
    func run() throws {
        prepare()
        let scripts = try lines.map { line in
            guard let script = Script(line) else { throw ValidationError("not a client: \(line)") }
            return script
        }
        for (stage, program) in try choice.found([stage]) {
            let plan = Plan(stage, program: program, seed: 0, seconds: 0)
            let all = (0..<times).flatMap { _ in scripts }
            let outcome = try Campaign.played(all, plan, isScarce: scarce)
            guard outcome.violations.isEmpty else {
                say(Words.wrong(plan, outcome))
                throw ExitCode.failure
            }
            say(Words.fine(plan, outcome))
        }
    }
}

/// What SwiftPM is told when it builds something for us.
var buildOptions: [String] {
    ProcessInfo.processInfo.environment["BUILD_SYSTEM"].map { ["--build-system", $0] } ?? []
}

/// Prepares this process for many clients.
func prepare() {
    signal(SIGPIPE, SIG_IGN)
    Programs.raiseDescriptorLimit()
}

/// Finds a stage.
@Sendable func namedStage(_ text: String) throws -> Stage {
    guard let stage = Stage(text) else { throw ValidationError("there is no stage \(text)") }
    return stage
}

/// Prints a line at once, even into a pipe: a campaign may take long.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
