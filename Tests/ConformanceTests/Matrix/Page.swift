// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the matrix looks like, made from what was observed.
enum Page {
    /// docs/conformance.md.
    static func markdown() -> String {
        var page = """
            # The behaviour matrix

            Six servers, the same clients, and what came of it. A column is a stage; below each table, the
            letters say what happens instead.

            | sign | meaning |
            |---|---|
            | ✓ | It holds. |
            | ≠ | It differs by design: the stage is meant to do something else. |
            | ✗N | A limitation of this stage. Stage N lifts it; without N, an exercise does. |
            | · | It does not apply. |

            Observed on \(platform), SwiftNIO \(libraryVersion). Do not edit this page: a run of the suite writes
            it (`UPDATE_MATRIX=1 swift test --filter Matrix`), and the suite fails when it is stale.

            """
        var notes = Notes()
        for family in Behaviour.Family.allCases {
            page += "\n## \(family.rawValue)\n\n"
            if family == .frames {
                page += "Stages 4 and 5 take frames; the others take any bytes.\n\n"
            }
            page += "| what a client may expect | 1 | 2 | 3 | 4 | 5 | 6 |\n"
            page += "|---|:-:|:-:|:-:|:-:|:-:|:-:|\n"
            notes = Notes()
            for row in Row.all where row.behaviour.family == family {
                let cells = Stage.allCases.map { stage in
                    sign(row, stage) + notes.mark(for: note(row, stage))
                }
                page += "| \(row.behaviour.title) | \(cells.joined(separator: " | ")) |\n"
            }
            page += notes.text
        }
        return page
    }

    /// The matrix for a terminal.
    static func table() -> String {
        var table =
            "\nThe behaviour matrix (✓ holds, ≠ by design, ✗ a limitation, · does not apply)\n"
        for family in Behaviour.Family.allCases {
            let name = family.rawValue.padding(toLength: 88, withPad: " ", startingAt: 0)
            table += "\n\(name)  1  2  3  4  5  6\n"
            for row in Row.all where row.behaviour.family == family {
                let title = row.behaviour.title.padding(toLength: 88, withPad: " ", startingAt: 0)
                let cells = Stage.allCases.map { String(sign(row, $0).first ?? "?") }
                table += "\(title)  \(cells.joined(separator: "  "))\n"
            }
        }
        return table
    }

    /// One sign for what was observed.
    private static func sign(_ row: Row, _ stage: Stage) -> String {
        let cell = row.cell(stage)
        if case .doesNotApply = cell { return "·" }
        switch (Observations.of(row.behaviour, stage), cell) {
        case (.holds, .holds): return "✓"
        case (.deviates(let symptom, _), .differs(let declared)) where symptom == declared:
            return "≠"
        case (.deviates(let symptom, _), .limitation(let declared, let lifter))
        where symptom == declared:
            return "✗" + (lifter.map { "\($0.rawValue)" } ?? "")
        default: return "?"  // Not as declared.
        }
    }

    /// What happens instead, or why it does not apply.
    private static func note(_ row: Row, _ stage: Stage) -> String? {
        if case .doesNotApply(let reason) = row.cell(stage) {
            // Said once for the whole section.
            return row.behaviour.family == .frames ? nil : reason
        }
        return Observations.of(row.behaviour, stage).symptom
    }

    /// Notes under a table, each with a letter.
    private struct Notes {
        private var texts: [String] = []

        /// The letter of a note, a new one if it has none.
        mutating func mark(for text: String?) -> String {
            guard let text else { return "" }
            if !texts.contains(text) { texts.append(text) }
            let index = texts.firstIndex(of: text) ?? 0
            return "<sup>\(letter(index))</sup>"
        }

        /// All of them.
        var text: String {
            texts.isEmpty
                ? ""
                : "\n"
                    + texts.enumerated().map { "<sup>\(letter($0))</sup> \($1).<br>\n" }.joined()
        }

        private func letter(_ index: Int) -> String {
            String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
        }
    }

    /// The system and processor, without a name of the machine.
    private static var platform: String {
        #if os(macOS)
            let system = "macOS"
        #else
            let system = "Linux"
        #endif
        #if arch(arm64)
            return "\(system), arm64"
        #else
            return "\(system), x86-64"
        #endif
    }

    /// The version that Package.swift pins.
    private static var libraryVersion: String {
        let manifest = Stage.package.appendingPathComponent("Package.swift")
        let text = (try? String(contentsOf: manifest, encoding: .utf8)) ?? ""
        return text.split(separator: "exact: \"").dropFirst().first?.split(separator: "\"").first
            .map(String.init) ?? "of another version"
    }
}
