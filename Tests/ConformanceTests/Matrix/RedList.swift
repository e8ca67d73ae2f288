// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The cells that were not as declared, for the last lines of a run.
enum RedList {
    private struct Entry {
        let row: Row
        let complaint: Complaint
        /// The name of its test method.
        var test: String { StageFile.test(of: row) ?? row.behaviour.title }
    }

    private static let entries = Mutex<[Stage: [Entry]]>([:])

    /// Adds one; whether it is the stage's first.
    static func add(_ row: Row, _ complaint: Complaint, _ stage: Stage) -> Bool {
        entries.withLock { entries in
            let known = entries[stage, default: []]
            // The matrix comes to every cell once more.
            if !known.contains(where: { $0.row.behaviour.title == row.behaviour.title }) {
                entries[stage] = known + [Entry(row: row, complaint: complaint)]
            }
            return known.isEmpty
        }
    }

    /// Says which rows of a stage are not as they should be, a line a row, if there are several.
    static func report(_ stage: Stage) {
        let entries = entries.withLock { $0[stage, default: []] }
        guard entries.count > 1, let first = entries.first else { return }
        let width = entries.map(\.test.count).max() ?? 0
        let lines = entries.map { entry in
            "  " + entry.test.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                + entry.complaint.summary
        }
        print("\n\(entries.count) rows of \(stage.name) are not as they should be:\n")
        print(lines.joined(separator: "\n"))
        // What the stage is about explains more than what happens to come first.
        let lesson = Row.lesson(of: stage)?.title
        let main = entries.first { $0.row.behaviour.title == lesson } ?? first
        print(
            """

            Begin with this one: others often have the same cause.

            \(main.complaint.report)

            Any row, with its whole story:
              swift test --filter \(StageFile(stage: stage).className)/\(main.test)

            """)
    }
}
