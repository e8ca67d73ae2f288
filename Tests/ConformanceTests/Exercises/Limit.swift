// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// How long a check may take: one that goes on for ever says nothing to anybody.
enum Limit {
    /// One row, in seconds; the slowest that is right needs a third of it.
    static let row = 45.0 * factor
    /// All rows of an exercise together; those of a stage that is right need a fifth of it.
    static let exercise = 150.0 * factor
    /// What the proof that a solution is right gets more: the machine may be busy with others.
    private static let factor = isProof ? 4.0 : 1.0
    private static let isProof =
        ProcessInfo.processInfo.environment["PROVE"]?.hasPrefix("solved") == true
    /// What is wrong with whatever is ended by it.
    static let symptom = "it is not done in time"

    /// Acts a behaviour out, says that it is under way, and ends its servers when the time is over.
    ///
    /// - Parameters:
    ///   - title: What is acted out.
    ///   - seconds: How long it may take.
    ///   - act: Acts it out.
    /// - Returns: What was observed; the limit is a symptom like any other.
    static func observe(
        _ title: String, within seconds: Double = row, _ act: @escaping @Sendable () -> Observation
    ) -> Observation {
        let result = Result()
        let thread = Background { result.set(act()) }
        let end = Deadline(in: seconds)
        var isDone = thread.join(by: Deadline(in: 2 / Deadline.multiplier))
        while !isDone, !end.hasPassed {
            if !Events.areFollowed { print("  … \(title)") }
            isDone = thread.join(by: Deadline(in: 2 / Deadline.multiplier))
        }
        if isDone, let observation = result.value { return observation }
        // Its clients read the end of their streams now, and it comes back.
        Server.stopAll()
        defer { Server.mayStart() }
        let story = thread.join(by: Deadline(in: 10)) ? result.value : nil
        return .deviates(symptom: symptom, report: report(title, seconds, story))
    }

    /// What the reader is told.
    private static func report(_ title: String, _ seconds: Double, _ story: Observation?) -> String
    {
        let text = """
            This had not finished after \(Int(seconds * Deadline.multiplier)) s, the most that it gets:
              \(title).
            """
        // Behind the limit, whatever happens is a consequence of it.
        guard case .deviates(_, let report) = story,
            let steps = report.range(of: "What happened:")
        else { return text }
        return text + "\n\n" + report[steps.lowerBound...]
    }
}

/// What one thread has observed, for another.
private final class Result: Sendable {
    private let observation = Mutex(Observation?.none)

    /// The observation; nil until there is one.
    var value: Observation? { observation.withLock { $0 } }

    /// Sets it.
    func set(_ value: Observation) { observation.withLock { $0 = value } }
}
