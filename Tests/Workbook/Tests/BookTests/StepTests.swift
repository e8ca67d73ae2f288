// SPDX-License-Identifier: Apache-2.0

import XCTest

@testable import book

/// Steps from one file to another, and whose terminal a box is: each check is seen to fail.
final class StepTests: XCTestCase {
    private let files = "Stage1-Sync/main.swift Stage2-Threads/main.swift"

    /// A page with an empty step for each of the lists.
    private func page(_ names: String...) -> String {
        names.map { "<!-- step: \(files): \($0) -->\n```diff\n```\n" }.joined(separator: "\n")
    }

    func testStepsThatAddUp() throws {
        let sample = try Sample()
        let page = Page(path: "docs/page.md", text: page("beginning", "func add"))
        let updated = try page.updated(from: Sources(root: sample.root)).text
        XCTAssertTrue(updated.contains("```diff\n@@ beginning @@\n-// One.\n+// Two.\n"), updated)
        XCTAssertTrue(
            updated.contains(
                "@@ func add @@\n /// Adds one.\n func add(_ number: Int) -> Int {\n-"),
            updated)
        XCTAssertEqual(try sample.problems(updated), [])
    }

    func testAStepThatIsMissing() throws {
        let sample = try Sample()
        let page = Page(path: "docs/page.md", text: page("func add"))
        assertOnly(
            try sample.problems(page.updated(from: Sources(root: sample.root)).text),
            "docs/page.md:1: \(files): no step shows what changes in: beginning")
    }

    func testAStepThatIsThereTwice() throws {
        let sample = try Sample()
        let page = Page(path: "docs/page.md", text: page("beginning, func add", "func add"))
        assertOnly(
            try sample.problems(page.updated(from: Sources(root: sample.root)).text),
            "docs/page.md:1: \(files): two steps show func add")
    }

    func testAStepThatShowsNothing() throws {
        assertOnly(
            try Sample().problems(page("beginning, func subtract")),
            """
            docs/page.md:1: func subtract is the same in both, or in neither

            docs/page.md:1: \(files): no step shows what changes in: func add
            """)
        assertOnly(
            try Sample().problems(page("func add").replacing(": func add", with: "")),
            "docs/page.md:1: write: step: FILE FILE: SECTION, SECTION")
    }

    func testWhatHasMovedIsNoStep() throws {
        let sample = try Sample()
        try sample.write("Stage1-Sync/main.swift", "func a() {\n}\n\nfunc b() {\n}\n")
        try sample.write("Stage2-Threads/main.swift", "func b() {\n}\n\nfunc a() {\n    x()\n}\n")
        let page = Page(path: "docs/page.md", text: page("func a"))
        let problems = try sample.problems(page.updated(from: Sources(root: sample.root)).text)
        assertOnly(
            problems,
            "docs/page.md:1: \(files): a section has another place in the second file: no step can show that"
        )
    }

    /// What the check of terminals says of a page.
    private func terminals(_ text: String) throws -> [String] {
        try Page(path: "docs/page.md", text: text).terminalProblems().map(\.description)
    }

    func testATerminalThatIsNamed() throws {
        let box = "<!-- run: s/a -->\n```console\n$ x\n```\n"
        XCTAssertEqual(try terminals("In a second terminal:\n\n\(box)"), [])
        XCTAssertEqual(
            try terminals("# A\n\nIts terminal:\n\n\(box)\nIn B's terminal:\n\n\(box)"), [])
    }

    func testATerminalThatIsNot() throws {
        let box = "```console\n$ x\n```\n"
        let problem = "the text before this box doesn't say whose terminal it is"
        XCTAssertEqual(try terminals("Then:\n\n\(box)"), ["docs/page.md:3: \(problem)"])
        XCTAssertEqual(
            try terminals("In a terminal:\n\n\(box)\nNow:\n\n\(box)"),
            ["docs/page.md:9: \(problem)"])
        XCTAssertEqual(
            try terminals("In a terminal:\n\n# A\n\n\(box)"), ["docs/page.md:5: \(problem)"])
    }
}
