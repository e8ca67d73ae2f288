// From a failure with hundreds of clients to the shortest script that shows it.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is left of a failure when everything has been left out that it doesn't need.
public struct Shortest: Sendable {
    /// The clients.
    public let scripts: [Script]
    /// What is wrong when they come.
    public let violation: Violation
    /// How often clients have been let in to find that out.
    public let tries: Int
}

/// Leaves out clients and steps, as long as the same promise is broken without them.
public final class Shrinker {
    /// The campaign that has failed.
    private var plan: Plan
    /// The promise that was broken.
    private let kind: Violation.Kind
    /// Whether descriptors were scarce.
    private let isScarce: Bool
    /// When to be content with what is found.
    private let deadline: Double
    /// How often clients were let in.
    private var tries = 0
    /// What was seen last.
    private var last: Violation

    /// Prepares for a failure; nil if there is none.
    public init?(_ plan: Plan, _ outcome: Outcome, seconds: Double) {
        guard let violation = outcome.violations.first else { return nil }
        self.plan = plan
        // What is wrong is known: no need to be as patient as when it may be the machine's fault.
        self.plan.patience = min(plan.patience, 3)
        self.plan.restTime = 800
        kind = violation.kind
        isScarce = outcome.isScarce
        last = violation
        deadline = Clock.now + seconds * 1e3
    }

    /// Shortens; nil if the failure doesn't happen again.
    public func shorten(_ outcome: Outcome, seed: UInt64) throws -> Shortest? {
        let maker = ScriptMaker(stage: plan.stage, seed: seed)
        let culprit = last.client.map { [maker.script($0)] } ?? []
        var scripts: [Script]?
        for candidates in [culprit, outcome.witnesses, outcome.everybody] {
            guard !candidates.isEmpty, try fails(candidates) else { continue }
            scripts = candidates
            break
        }
        guard var scripts else { return nil }
        scripts = try fewer(scripts) { try fails($0) }
        for index in scripts.indices {
            scripts[index].steps = try fewer(scripts[index].steps) { steps in
                try fails(with: steps, at: index, in: scripts)
            }
            try lower(index, &scripts)
        }
        return Shortest(scripts: scripts, violation: last, tries: tries)
    }

    /// Whether these clients break the promise, in one of two tries.
    private func fails(_ scripts: [Script]) throws -> Bool {
        for _ in 0..<2 where Clock.now < deadline {
            tries += 1
            let outcome = try Campaign.played(scripts, plan, isScarce: isScarce)
            if let violation = outcome.violations.first(where: { $0.kind == kind }) {
                last = violation
                return true
            }
        }
        return false
    }

    /// Whether the promise is broken with these steps of one client.
    private func fails(with steps: [Step], at index: Int, in scripts: [Script]) throws -> Bool {
        var scripts = scripts
        scripts[index].steps = steps
        guard Self.isSensible(scripts[index]) else { return false }
        return try fails(scripts)
    }

    /// Whether a script may be judged by its manners: who leaves without waiting is owed nothing.
    private static func isSensible(_ script: Script) -> Bool {
        guard !script.steps.isEmpty else { return false }
        guard script.manners != .rude else { return true }
        let steps = script.steps
        if steps.last == .end { return steps.contains(.shut) || script.manners == .wrong }
        return steps.suffix(2) == [.wait, .close]
    }

    /// Leaves out as many elements as it can: halves first, then quarters, down to single ones.
    private func fewer<Element>(
        _ elements: [Element], _ isEnough: ([Element]) throws -> Bool
    ) rethrows -> [Element] {
        var rest = elements
        var size = (rest.count + 1) / 2
        while size > 0, rest.count > 1 {
            var start = 0
            while start < rest.count, rest.count > 1 {
                var without = rest
                without.removeSubrange(start..<min(start + size, rest.count))
                if !without.isEmpty, try isEnough(without) { rest = without } else { start += size }
            }
            size = size == 1 ? 0 : (size + 1) / 2
        }
        return rest
    }

    /// Makes a client's numbers smaller: halves them as long as that shows the same.
    private func lower(_ index: Int, _ scripts: inout [Script]) throws {
        for place in scripts[index].steps.indices {
            while let shorter = try lowered(place, of: index, in: scripts) {
                scripts[index].steps = shorter
            }
        }
    }

    /// A client's steps with less in one of them; nil if that doesn't show the failure.
    private func lowered(_ place: Int, of index: Int, in scripts: [Script]) throws -> [Step]? {
        for less in scripts[index].steps[place].less {
            var steps = scripts[index].steps
            steps[place] = less
            if try fails(with: steps, at: index, in: scripts) { return steps }
        }
        return nil
    }
}

extension Step {
    /// The same step with less in it, the least first.
    fileprivate var less: [Step] {
        switch self {
        case .say(let count, let times):
            var less: [Step] = times > 1 ? [.say(count, times: 1)] : []
            if times > 2 { less.append(.say(count, times: times / 2)) }
            if count > 1 { less.append(.say(1, times: times)) }
            if count > 3 { less.append(.say(count / 2, times: times)) }
            return less
        case .announce(let claimed, let sent) where sent > 0:
            return [.announce(claimed, sent: 0)]
        case .announce(let claimed, _) where claimed > Dialect.limit + 1:
            return [.announce(Dialect.limit + 1, sent: 0)]
        case .pause(let time) where time > 1: return [.pause(time / 2)]
        case .deaf(let time?) where time > 1: return [.deaf(time / 2)]
        case .pieces(let size, let gap) where gap > 0: return [.pieces(size, gap: 0)]
        default: return []
        }
    }
}
