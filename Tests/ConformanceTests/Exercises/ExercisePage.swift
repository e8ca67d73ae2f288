// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The page with a stage's exercises: the one source of titles, grades, kinds, minutes and hints.
struct ExercisePage {
    /// A section of it: an exercise.
    struct Section {
        /// The exercise's number.
        let number: String
        /// What stands behind the number in the heading.
        let title: String
        /// The lines below the heading.
        let text: String

        /// What the line in italics says: grade, kind, minutes.
        var facts: [String] {
            let line = text.split(separator: "\n").first { $0.hasPrefix("*") && $0.hasSuffix("*") }
            return (line?.dropFirst().dropLast()).map {
                $0.components(separatedBy: ", ")
            } ?? []
        }

        /// How many hints there are.
        var hints: Int { text.components(separatedBy: "<summary>Hint ").count - 1 }
    }

    /// Where it is, from the root of the package.
    let path: String

    /// The page of a stage.
    init(_ stage: Stage) { path = "docs/exercises/stage\(stage.rawValue).md" }

    /// All its exercises, in order.
    var sections: [Section] {
        let file = Stage.package.appendingPathComponent(path)
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n## ").dropFirst().compactMap { section in
            let lines = section.split(separator: "\n", maxSplits: 1)
            let words = (lines.first ?? "").split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].contains(".") else { return nil }
            return Section(
                number: String(words[0]), title: String(words[1]),
                text: "\n" + (lines.count > 1 ? lines[1] : ""))
        }
    }

    /// The section of an exercise.
    func section(_ number: String) -> Section? { sections.first { $0.number == number } }

    /// What a section lacks, each in a line: form, facts, what done looks like, hints.
    func complaints(about exercise: Exercise) -> [String] {
        guard let section = section(exercise.number) else {
            return ["\(path) has no section \"## \(exercise.number) Its title\""]
        }
        var complaints: [String] = []
        let facts = section.facts
        let isComplete =
            facts.count == 3 && ["warm-up", "core", "stretch"].contains(facts[0])
            && facts[1] == exercise.kind.name && facts[2].hasSuffix(" minutes")
        if !isComplete {
            complaints.append("no line of the form *core, \(exercise.kind.name), 30 minutes*")
        }
        if !section.text.contains("\n**Done**") {
            complaints.append("nothing says when it is Done")
        }
        if !(1...3).contains(section.hints) { complaints.append("not one to three hints") }
        // One behind the other: all folds close at the end.
        let closing = String(repeating: "</details>\n", count: section.hints)
        if !(section.text + "\n").contains(closing) {
            complaints.append("hint 2 belongs into the fold of hint 1")
        }
        return complaints.map { "\(path), \(exercise.number): \($0)" }
    }
}
