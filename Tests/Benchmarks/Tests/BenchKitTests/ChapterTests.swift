// The tables that results turn into. SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import BenchKit

/// Checks what `bench fill` and `bench check` make of results.
final class ChapterTests: XCTestCase {
    /// Results of two servers under one load, three rounds.
    private func report(_ base: [Double], _ other: [Double]) throws -> Report {
        let cases = [("C, event loop", base), ("Stage3-Async", other)].map { name, values in
            let counter = Counter()
            return Case(group: "64 B x 50", name: name) {
                [(.rate, values[Int(counter.next()) - 1])]
            }
        }
        let here = URL(fileURLWithPath: ".")
        var report = Report(Bench(stages: here, peers: here, root: here), rounds: base.count)
        let experiment = Experiment(name: "roundtrips", question: "?", cases: cases)
        report.findings = [try experiment.run(rounds: base.count) { _ in }]
        return report
    }

    /// A table stands between its marks, and replaces what stood there; other lines stay.
    func testTable() throws {
        let chapter = Chapter(try report([10_000, 20_000, 40_000], [6_000, 12_340, 24_000]))
        let marks = ["<!-- table: roundtrips; ; messages/s -->", "<!-- end -->"]
        let page = "before\n\(marks[0])\nold\n\(marks[1])\nafter"
        let table = """
            before
            \(marks[0])

            | 64 B x 50 | messages/s |
            | --- | --: |
            | C, event loop | 20,000 |
            | Stage3-Async | 12,300 (×0.60) |

            \(marks[1])
            after
            """
        XCTAssertEqual(try chapter.filled(page), table)
        XCTAssertEqual(try chapter.filled(chapter.filled(page)), try chapter.filled(page))
    }

    /// A measurement beside which much else was done is counted as disturbed, and rounds that differ show.
    func testQuiet() throws {
        var report = try report([1], [1])
        let busy = [0.0, 0.1, 0.9].map { value in
            Case(group: "", name: "\(value)") { [(.others, value)] }
        }
        let experiment = Experiment(name: "roundtrips", question: "?", cases: busy)
        report.findings = [try experiment.run(rounds: 1) { _ in }]
        let page = try Chapter(report).filled("<!-- quiet -->\n<!-- end -->")
        XCTAssert(page.contains("| roundtrips | 3 | 1 | 0.90 |  |"), page)

        let counter = Counter()
        let row = Case(group: "", name: "a") { [(.others, 0), (.cpu, 1 + Double(counter.next()))] }
        report.findings = [
            try Experiment(name: "frames", question: "?", cases: [row]).run(rounds: 3) { _ in }
        ]
        let rounds = try Chapter(report).filled("<!-- quiet -->\n<!-- end -->")
        XCTAssert(rounds.contains("| frames | 3 | 0 | 0.00 | ×2.00 |"), rounds)
    }

    /// A figure that is not the results' is a problem, and so is a picture of other results.
    func testCheck() throws {
        let report = try report([10_000], [6_000])
        let chapter = Chapter(report)
        let marks = "<!-- loads: roundtrips; messages/s; 64 B x 50 -->\n<!-- end -->\n"
        let page = try chapter.filled(marks + "![Bars](measurements/picture.svg)")
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bench-\(UUID().uuidString)")
        let pictures = folder.appendingPathComponent("measurements")
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let picture = pictures.appendingPathComponent("picture.svg")
        try Data("measured \(report.measured)".utf8).write(to: picture)
        XCTAssertEqual(try chapter.problems(of: page, in: folder), [])

        let stale = page.replacing("6,000 (×0.60)", with: "7,000 (×0.70)")
        XCTAssertEqual(
            try chapter.problems(of: stale, in: folder),
            [
                "the tables are not those of the results: "
                    + "| Stage3-Async | 7,000 (×0.70) | should be | Stage3-Async | 6,000 (×0.60) |"
            ])
        try Data("measured some day".utf8).write(to: picture)
        XCTAssertEqual(
            try chapter.problems(of: page, in: folder),
            ["measurements/picture.svg is not drawn from the results; see `bench draw`"])
    }

    /// A mark that asks for what was not measured, or that has no end, is no page to publish.
    func testMarks() throws {
        let chapter = Chapter(try report([1], [1]))
        for page in ["<!-- table: nagle; ; ms -->\n<!-- end -->", "<!-- aims -->\n<!-- aims -->"] {
            XCTAssertThrowsError(try chapter.filled(page))
        }
    }

    /// An aim is met or missed by the median of the ratios.
    func testAims() throws {
        let aim = try XCTUnwrap(Aim.all.first { $0.least == 0.65 })
        XCTAssertEqual(aim.value(in: try report([100, 10, 100], [70, 6.5, 60])), 0.65)
        var empty = try report([1], [1])
        empty.findings = []
        XCTAssertNil(aim.value(in: empty))
        XCTAssertTrue(aim.isMet(by: 0.65))
        XCTAssertFalse(aim.isMet(by: 0.6499))
    }

    /// What is said holds if the ratios are where they would have to be; rounds that disagree don't tell.
    func testVerdicts() throws {
        let report = try report([100, 10, 100], [70, 6.5, 60])
        let verdict = { (least: Double?, most: Double?) in
            Verdict(
                lore: "Slower", compared: "stage 3 : C", experiment: "roundtrips",
                group: "64 B x 50", name: "Stage3-Async", base: "C, event loop", metric: .rate,
                least: least, most: most)
        }
        XCTAssertEqual(
            verdict(nil, 0.7).cells(in: report),
            ["Slower", "yes", "×0.65", "60.0 : 100", "stage 3 : C"])
        XCTAssertEqual(verdict(nil, 0.5).line(in: report)?.answer, .no)
        XCTAssertEqual(verdict(0.71, nil).cells(in: report)?[1], "**no**")
        XCTAssertEqual(verdict(nil, 0.6).cells(in: report)?[1], "unclear")
        let five = try self.report([100, 100, 100, 100, 100], [90, 50, 50, 50, 50])
        XCTAssertEqual(verdict(nil, 0.6).line(in: five)?.answer, .yes)
        let split = try self.report([100, 100, 100, 100, 100], [90, 90, 50, 50, 50])
        XCTAssertEqual(verdict(nil, 0.6).line(in: split)?.answer, .unclear)
        var empty = report
        empty.findings = []
        XCTAssertNil(verdict(nil, 0.7).cells(in: empty))
    }

    /// What is measured anew takes the place of the old, if it was measured in the same way.
    func testUpdate() throws {
        let (old, new) = (try report([10], [5]), try report([10], [7]))
        let updated = try old.updated(with: new)
        XCTAssertEqual(updated.findings.count, 1)
        XCTAssertEqual(updated.findings[0].rows[1].summaries["messages/s"]?.ratio, 0.7)
        XCTAssertThrowsError(try old.updated(with: report([10, 10], [7, 7])))
    }

    /// Figures have three digits.
    func testFigures() {
        let figures: [Double: String] = [
            0: "0", 0.001: "0", 0.123: "0.12", 5.678: "5.68", 12.34: "12.3", 567.8: "568",
            1234: "1,230", 56_789: "56,800", 1_234_567: "1,230,000", -8.2: "-8.20",
        ]
        for (value, text) in figures { XCTAssertEqual(value.inThreeDigits, text) }
    }

    /// The folder of the book.
    private var docs: URL {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 1...5 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("docs")
    }

    /// The pages say what the committed results say.
    func testChapters() throws {
        let data = docs.appendingPathComponent("measurements/results.json")
        for page in ["performance", "beneath"] {
            let file = docs.appendingPathComponent("\(page).md")
            let text = try String(contentsOf: file, encoding: .utf8)
            XCTAssertEqual(try Chapter(Report(from: data)).problems(of: text, in: docs), [])
        }
    }

    /// The picture of the campaign's long run is drawn from the committed samples.
    func testTheLongRun() throws {
        /// What matters of a stage's samples.
        struct Row: Decodable {
            /// When they were taken.
            let measured: String
        }
        let folder = docs.appendingPathComponent("measurements")
        let data = try Data(contentsOf: folder.appendingPathComponent("long-run.json"))
        let last = try XCTUnwrap(JSONDecoder().decode([Row].self, from: data).map(\.measured).max())
        let picture = folder.appendingPathComponent("long-run.svg")
        XCTAssertTrue(try String(contentsOf: picture, encoding: .utf8).contains(last), last)
    }
}
