// What the kernel may do, and rarely does. SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CampaignKit
import Foundation

/// `campaign kernel`: random clients, and a server whose system calls fail or fall short.
struct KernelCommand: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Lets a server's system calls be interrupted, move single bytes, and fail.")

    /// The stages.
    @Argument(
        help: "The stages, such as 4 or Stage4; all, if none is named.", transform: namedStage)
    var stages: [Stage] = []
    /// What they meet.
    @Option(
        help: "One fault alone, such as interrupted, instead of one after the other.",
        transform: namedFault)
    var only: KernelFault?
    /// What all clients come from.
    @Option(help: "The number that all clients come from; another one every time if not given.")
    var seed: UInt64?
    /// How long clients come.
    @Option(help: "For how many seconds clients come to each stage, with each fault.")
    var seconds = 2.0
    /// Which program.
    @OptionGroup var choice: Choice

    /// Runs the command.
    func run() throws {
        prepare()
        let library = try Programs.faultLibrary(options: buildOptions)
        let seed = seed ?? UInt64.random(in: 1...999_999)
        say("Seed \(seed).")
        var hasFailed = false
        for (stage, program) in try choice.found(stages.isEmpty ? Stage.allCases : stages) {
            for fault in only.map({ [$0] }) ?? KernelFault.allCases {
                let plan = Plan(stage, program: program, seed: seed, seconds: seconds)
                let interference = try Interference(fault, library: library)
                let outcome = try Campaign.hindered(plan, by: interference)
                if outcome.violations.isEmpty {
                    say(try Words.hindered(plan, outcome, by: interference))
                    continue
                }
                hasFailed = true
                say(Words.wrong(plan, outcome))
                say("  Meanwhile, \(fault.words).")
                say("Again: \(again(stage, fault, seed))")
            }
        }
        if hasFailed { throw ExitCode.failure }
    }

    /// The command that does the same again.
    private func again(_ stage: Stage, _ fault: KernelFault, _ seed: UInt64) -> String {
        "swift run --package-path Tests/Campaign campaign kernel \(stage.rawValue) "
            + "--only \(fault.rawValue) --seed \(seed) --seconds \(seconds)"
    }
}

/// Finds a fault.
@Sendable private func namedFault(_ text: String) throws -> KernelFault {
    guard let fault = KernelFault(rawValue: text) else {
        let names = KernelFault.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no fault \(text), but \(names)")
    }
    return fault
}
