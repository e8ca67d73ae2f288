// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// Nothing of an exercise has been forgotten: its page, its check, its solution and the reason.
final class CompleteTests: XCTestCase {
    /// Every exercise has its section, in the same order, and no section is without its check.
    func testPagesAndChecksAreOfTheSameExercises() {
        for stage in Stage.allCases {
            let page = ExercisePage(stage)
            XCTAssertEqual(
                page.sections.map(\.number),
                Exercise.all.filter { $0.stage == stage }.map(\.number),
                """
                The sections of \(page.path), and the lines of Exercises/All.swift: whichever is \
                shorter misses an exercise.
                """)
        }
        for exercise in Exercise.all {
            let complaints = exercise.page.complaints(about: exercise)
            XCTAssertTrue(complaints.isEmpty, complaints.joined(separator: "\n"))
        }
    }

    /// The table of the overview has every exercise, in the line of its stage and the column of its kind.
    func testTheOverviewHasEveryExercise() throws {
        let path = "docs/exercises/README.md"
        let url = Stage.package.appendingPathComponent(path)
        let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| ") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        let kinds = try XCTUnwrap(rows.first).dropFirst(2)
        for stage in Stage.allCases {
            let name = "[stage \(stage.rawValue)]"
            let row = try XCTUnwrap(
                rows.first { $0.first?.hasPrefix(name) == true }, "\(path) has no line for \(name)")
            for (kind, cell) in zip(kinds, row.dropFirst(2)) {
                let expected = Exercise.all.filter { $0.stage == stage && $0.kind.name == kind }
                    .map { exercise in
                        let grade = exercise.page.section(exercise.number)?.facts.first
                        return grade == "stretch" ? "*\(exercise.number)*" : exercise.number
                    }
                XCTAssertEqual(
                    cell, expected.joined(separator: ", "),
                    "\(path): the table's cell for \(name) and \(kind)")
            }
        }
    }

    /// Every check is a file of its own, and every file has its line in All.swift.
    func testChecksAreFilesOfTheirOwn() throws {
        let folder = Stage.package.appendingPathComponent("Tests/ConformanceTests/Exercises")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        let files = try XCTUnwrap(paths).filter { $0.contains("/Exercise") }
        let expected = Exercise.all.map { exercise in
            let name = exercise.number.replacingOccurrences(of: ".", with: "_")
            return "Stage\(exercise.stage.rawValue)/Exercise\(name).swift"
        }
        XCTAssertEqual(
            files.sorted(), expected.sorted(),
            "The files in Exercises/, and the lines of Exercises/All.swift: one misses an exercise."
        )
    }

    /// Every exercise but a Build has its solution, all have a reason, and neither is left over.
    func testSolutionsHaveTheirReasons() throws {
        let folder = Stage.package.appendingPathComponent("Tests/Solutions")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for exercise in Exercise.all {
            let forms =
                exercise.kind.isAboutAnswers
                ? ["answers"] : exercise.kind.name == "Build" ? [] : ["patch", "from"]
            XCTAssertTrue(
                forms.isEmpty || forms.contains { names.contains("\(exercise.number).\($0)") },
                "\(exercise.number) has no solution: Tests/Solutions/\(exercise.number).\(forms)")
            let reason = folder.appendingPathComponent("\(exercise.number).why.md")
            let lines = (try? String(contentsOf: reason, encoding: .utf8))?.split(separator: "\n")
            XCTAssertTrue(
                (2...5).contains(lines?.count ?? 0),
                "Tests/Solutions/\(exercise.number).why.md: 2 to 5 lines say why it is solved so")
        }
        let numbers = Set(Exercise.all.map(\.number))
        for name in names where name.first?.isNumber == true {
            XCTAssertTrue(
                numbers.contains(String(name.prefix(3))),
                "Tests/Solutions/\(name): no such exercise")
        }
    }

    /// Every check has three wrong solutions to refuse, or more, each with a head that says why.
    func testChecksHaveWrongSolutionsToRefuse() throws {
        let folder = Stage.package.appendingPathComponent("Tests/Solutions/wrong")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for exercise in Exercise.all {
            XCTAssertGreaterThanOrEqual(
                names.filter { $0.hasPrefix("\(exercise.number)-") }.count, 3,
                "Tests/Solutions/wrong/\(exercise.number)-…: three that tempt, and would hurt")
        }
        for name in names {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            let head = text.split(separator: "\n").prefix(2)
            XCTAssertTrue(
                head.first?.hasPrefix("# Wrong: ") == true
                    && head.last?.hasPrefix("# Says: ") == true,
                "Tests/Solutions/wrong/\(name) has to begin with # Wrong: … and # Says: …")
        }
    }
}
