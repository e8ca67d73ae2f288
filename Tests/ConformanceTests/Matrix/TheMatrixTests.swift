// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The matrix: every behaviour against every stage, as observed in this run.
///
/// Named so that it comes last: what the stages' tests have observed is not observed again.
final class TheMatrixTests: XCTestCase {
    private static let file = Stage.package.appendingPathComponent("docs/conformance.md")

    private static let isUpdate = ProcessInfo.processInfo.environment["UPDATE_MATRIX"] == "1"

    override class func tearDown() { Stage.allCases.forEach(RedList.report) }

    func testEveryCellIsAsDeclared() {
        for stage in Stage.allCases {
            Observations.begin(stage) { _ in true }
            for row in Row.all where row.applies(to: stage) { check(row.behaviour, stage) }
        }
    }

    /// A row that no test class has is tested here only, where no `--filter` finds it.
    func testEveryRowHasItsMethods() throws {
        XCTAssertEqual(
            StageFile.names.count, Row.all.count,
            "Matrix/Declarations.swift: a row is a line that begins with Row(.name,")
        for stage in Stage.allCases {
            let file = StageFile(stage: stage)
            let differences = file.differences
            if differences.isEmpty { continue }
            if Self.isUpdate {
                try file.text.write(to: file.url, atomically: true, encoding: .utf8)
                print("written: \(file.url.lastPathComponent); build again")
                continue
            }
            XCTFail(
                """
                Stages/\(file.url.lastPathComponent) is not what the table says:

                \(differences.joined(separator: "\n"))

                UPDATE_MATRIX=1 swift test --filter Matrix  writes it.
                """)
        }
    }

    /// A behaviour that is in no row is judged by nobody.
    func testEveryBehaviourIsARow() throws {
        let folder = Stage.package.appendingPathComponent("Tests/ConformanceTests/Behaviours")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for file in files.sorted() where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            let names = text.split(separator: "\n").compactMap { line in
                line.firstMatch(of: #/^ {4}static let (\w+) = /#).map { String($0.1) }
            }
            for name in names where !StageFile.names.contains(name) {
                XCTFail(
                    """
                    Behaviours/\(file) has \(name), and no row says what the stages do about it.
                    Add a line that begins with Row(.\(name), to Matrix/Declarations.swift.
                    """)
            }
        }
    }

    /// A row that has never been red may be unable to be.
    func testEveryRowHasBeenSeenRed() throws {
        let folder = Stage.package.appendingPathComponent("Tests/Faults")
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".patch") }
            .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
            .flatMap { $0.split(separator: "\n").prefix(3).filter { $0.hasPrefix("red: ") } }
            .flatMap { $0.dropFirst(5).split(separator: " ") }
        for (row, name) in zip(Row.all, StageFile.names) where !found.contains(Substring(name)) {
            // Where it does not hold for some stage, every run sees it red.
            let isSeen = Stage.allCases.contains { row.cell($0).symptom != nil }
            XCTAssert(isSeen, "\(name) holds for all stages: plant a fault in Tests/Faults for it.")
        }
    }

    /// Elsewhere, a symptom goes by its name: a text that stands twice is changed in one place.
    func testASymptomIsWrittenOnce() throws {
        let folder = Stage.package.appendingPathComponent("Tests/ConformanceTests")
        let symptoms = try String(
            contentsOf: folder.appendingPathComponent("Support/Symptom.swift"), encoding: .utf8
        ).matches(of: /static let (\w+) = ("[^"]+")/).map { ($0.1, $0.2) }
        XCTAssertGreaterThan(symptoms.count, 50)
        let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
        for file in try XCTUnwrap(files).sorted()
        where file.hasSuffix(".swift") && !file.hasSuffix("/Symptom.swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for (name, quoted) in symptoms where text.contains(quoted) {
                XCTFail("\(file) says \(quoted): write Symptom.\(name).")
            }
        }
    }

    /// What is written in columns is to stay so: the formatter keeps its hands off the table.
    func testTheTableIsInColumns() throws {
        let url = Stage.package.appendingPathComponent(
            "Tests/ConformanceTests/Matrix/Declarations.swift")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("        Row(.") }
        XCTAssertEqual(rows.count, Row.all.count)
        func columns(_ line: Substring) -> [Int] {
            line.indices.filter { line[$0] == "." }.map {
                line.distance(from: line.startIndex, to: $0)
            }
        }
        let expected = rows.first.map(columns)
        for row in rows {
            XCTAssertEqual(columns(row), expected, "not in columns: \(row)")
            XCTAssertLessThanOrEqual(row.count, 100, "too long: \(row)")
        }
    }

    func testThePublishedMatrixIsWhatThisRunObserved() throws {
        let page = Page.markdown()
        print(Page.table())
        // With a reader's own server in a stage's place, the page would not be about ours.
        if Stage.allCases.contains(where: { $0.program().isForeign }) { return }
        guard !page.contains("| ?") else {
            // A cell that is not as declared has failed already, and said why.
            if Self.isUpdate { XCTFail("Not published: a cell is not as declared (see above).") }
            return
        }
        if Self.isUpdate { try page.write(to: Self.file, atomically: true, encoding: .utf8) }
        let published = (try? String(contentsOf: Self.file, encoding: .utf8)) ?? ""
        let (old, new) = (lines(published), lines(page))
        guard old != new else { return }
        let position = zip(old, new).prefix { $0 == $1 }.count
        XCTFail(
            """
            docs/conformance.md is not what this run observed.

              published: \(old.dropFirst(position).first ?? "(its end)")
              observed:  \(new.dropFirst(position).first ?? "(its end)")

            If the change is meant: UPDATE_MATRIX=1 swift test --filter Matrix
            """)
    }

    func testTitlesAreUnique() {
        let titles = Row.all.map(\.behaviour.title)
        XCTAssertEqual(Set(titles).count, titles.count)
    }

    /// The page's lines but for the one that names the machine.
    private func lines(_ page: String) -> [Substring] {
        page.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Observed on") }
    }
}
