// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the reader has done so far: a file of lines, each the number of something and a word.
///
/// A stage's sources cannot tell: whoever goes on to the next exercise restores them first.
enum Progress {
    /// The file; not under version control.
    private static let file = Stage.package.appendingPathComponent(".progress")

    /// What has been noted.
    private static var lines: [String] {
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Whether a line has been noted: `2 started` by docs/workbook start, the others by the checks.
    static func has(_ line: String) -> Bool { lines.contains(line) }

    /// What follows on a beginning, in the last line that has it: docs/workbook start notes the commit from
    /// which it takes a stage away, `2 own 1f3a…`.
    static func last(startingWith beginning: String) -> String? {
        lines.last { $0.hasPrefix(beginning) }.map { String($0.dropFirst(beginning.count)) }
    }

    /// Notes a line, once.
    static func note(_ line: String) {
        guard !has(line) else { return }
        let text = (lines + [line]).joined(separator: "\n") + "\n"
        do {
            try text.write(to: file, atomically: true, encoding: .utf8)
        } catch {
            print(".progress cannot be written: \(error)")
        }
    }

    /// All exercises, and what has become of them.
    static var overview: String {
        let solved = Exercise.all.filter { has("\($0.number) solved") }.count
        let tried = Exercise.all.filter { has("\($0.number) tried") }.count
        var text =
            "\nThe exercises (docs/exercises/): \(Exercise.all.count), "
            + "of which \(tried) attempted, \(solved) solved\n\n"
        for exercise in Exercise.all {
            let state =
                ["solved", "tried"].first { has("\(exercise.number) \($0)") }
                .map { $0 == "tried" ? "  attempted" : "  solved" } ?? ""
            let cells = [
                (exercise.number, 5), (exercise.kind.name, 10),
            ]
            text +=
                "  "
                + cells.map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined()
                + exercise.title + state + "\n"
        }
        return text + "\nTo check one: docs/workbook check 2.1\n"
    }
}
