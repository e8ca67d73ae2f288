// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The matrix: every behaviour against every stage, as observed in this run.
///
/// Named so that it comes last: what the stages' tests have observed is not observed again.
final class TheMatrixTests: XCTestCase {
    private static let file = Stage.package.appendingPathComponent("docs/conformance.md")

    func testEveryCellIsAsDeclared() {
        for row in Row.all {
            for stage in Stage.allCases {
                if case .doesNotApply = row.cell(stage) { continue }
                check(row.behaviour, stage)
            }
        }
    }

    func testThePublishedMatrixIsWhatThisRunObserved() throws {
        let page = Page.markdown()
        print(Page.table())
        // With a reader's own server in a stage's place, the page would not be about ours.
        if Stage.allCases.contains(where: { $0.program().isForeign }) { return }
        let isUpdate = ProcessInfo.processInfo.environment["UPDATE_MATRIX"] == "1"
        guard !page.contains("| ?") else {
            // A cell that is not as declared has failed already, and said why.
            if isUpdate { XCTFail("Not published: a cell is not as declared (see above).") }
            return
        }
        if isUpdate { try page.write(to: Self.file, atomically: true, encoding: .utf8) }
        let published = (try? String(contentsOf: Self.file, encoding: .utf8)) ?? ""
        for (old, new) in zip(lines(published), lines(page)) where old != new {
            return XCTFail(
                """
                docs/conformance.md is not what this run observed.

                  published: \(old)
                  observed:  \(new)

                If the change is meant: UPDATE_MATRIX=1 swift test --filter Matrix
                """)
        }
        XCTAssertEqual(lines(published).count, lines(page).count)
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
