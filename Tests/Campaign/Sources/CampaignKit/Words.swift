// What a reader is told. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a reader is told of campaigns.
public enum Words {
    /// A campaign that found nothing, in a line.
    public static func fine(_ plan: Plan, _ outcome: Outcome) -> String {
        let (before, after) = (outcome.before, outcome.after)
        let visitors = [
            counted(outcome.honest, "honest client"),
            outcome.wrong > 0 ? "\(outcome.wrong) wrong" : nil,
            "\(outcome.rude) rude",
        ]
        return
            "\(plan.stage.name): \(visitors.compactMap(\.self).joined(separator: ", ")); nothing lost. "
            + "Before and after: \(before.descriptors) and \(after.descriptors) descriptors, "
            + "\(before.threads) and \(after.threads) threads, "
            + "\(mebibytes(before.resident)) and \(mebibytes(after.resident))."
    }

    /// A campaign against a server whose calls met a fault, in a line.
    public static func hindered(
        _ plan: Plan, _ outcome: Outcome, by interference: Interference
    ) throws -> String {
        let counts = try interference.counts()
        let touched = KernelCall.allCases.compactMap { call in
            counts[call].flatMap { $0 > 0 ? counted($0, "\(call)") : nil }
        }
        return "\(plan.stage.name), \(interference.fault.words): "
            + "\(counted(outcome.honest, "honest client")) and \(outcome.wrong + outcome.rude) others, "
            + "nothing lost. It met \(touched.joined(separator: ", "))."
    }

    /// Connections that stayed, in a line.
    public static func held(_ row: HoldRow) -> String {
        let cost = Double(row.bytesEach * 10 / 1_024) / 10
        return "\(row.stage): twice \(counted(row.connections, "connection")), each answered; "
            + "the \(row.talking) that talked had \(counted(row.answers, "answer")), the slowest "
            + "after \(Int(row.slowest)) ms. A connection costs \(cost) KiB. "
            + "Before, meanwhile, after, and after as many again: "
            + listed([row.before, row.during, row.after, row.afterAsMany]) + "."
    }

    /// Clients who came and went, in a line.
    public static func churned(_ row: ChurnRow) -> String {
        "\(row.stage): \(counted(row.connections, "client")) came and went in "
            + "\(Int(row.seconds)) s. After a tenth of them and after all: "
            + listed([row.before, row.after]) + "."
    }

    /// What a process held, one time after the other.
    private static func listed(_ usages: [Usage]) -> String {
        let figures: [(String, (Usage) -> String)] = [
            (" descriptors", { "\($0.descriptors)" }), (" threads", { "\($0.threads)" }),
            ("", { mebibytes($0.resident) }),
        ]
        return figures.map { noun, figure in
            let values = usages.map(figure)
            return values.dropLast().joined(separator: ", ") + " and \(values.last ?? "")\(noun)"
        }.joined(separator: "; ")
    }

    /// What was wrong, before anything is shortened.
    public static func wrong(_ plan: Plan, _ outcome: Outcome) -> String {
        var lines = ["\(plan.stage.name), seed \(plan.seed): FAILED"]
        for violation in outcome.violations.prefix(3) {
            let who = violation.client.map { " (client \($0))" } ?? ""
            lines.append("  \(violation.promise)\(who): \(violation.story)")
        }
        if outcome.violations.count > 3 {
            lines.append("  and \(outcome.violations.count - 3) more")
        }
        if outcome.isScarce { lines.append("  Descriptors were scarce.") }
        return lines.joined(separator: "\n")
    }

    /// The shortest script that shows it.
    public static func short(_ plan: Plan, _ shortest: Shortest, isScarce: Bool) -> String {
        let scripts = shortest.scripts
        let start =
            scripts.count == 1 ? "One client is enough" : "\(scripts.count) clients are enough"
        var lines = [
            "",
            "\(start) (found in \(counted(shortest.tries, "try")))."
                .replacingOccurrences(of: "trys", with: "tries"),
        ]
        for (number, script) in scripts.prefix(5).enumerated() {
            let article = script.manners == .honest ? "an" : "a"
            lines.append("  Client \(number + 1), \(article) \(script.manners) one:")
            for (place, step) in script.steps.enumerated() {
                lines.append("    \(place + 1). It \(step.words).")
            }
        }
        if scripts.count > 5 {
            lines.append("  and \(scripts.count - 5) more, of whom there were many")
        }
        lines.append("  Then: \(shortest.violation.promise): \(shortest.violation.story)")
        lines.append("Again:")
        let play = "campaign play \(plan.stage.rawValue)\(isScarce ? " --scarce" : "")"
        let quoted = scripts.prefix(20).map { " \\\n    '\($0.line)'" }.joined()
        lines.append("  swift run --package-path Tests/Campaign \(play)\(quoted)")
        if scripts.count > 20 { lines.append("    and \(scripts.count - 20) more") }
        return lines.joined(separator: "\n")
    }

    /// How to do the same again.
    public static func again(_ plan: Plan) -> String {
        "The whole again: swift run --package-path Tests/Campaign campaign run \(plan.stage.rawValue) "
            + "--seed \(plan.seed) --seconds \(plan.seconds) --clients \(plan.clients)"
    }
}
