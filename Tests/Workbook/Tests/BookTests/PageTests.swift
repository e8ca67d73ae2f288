// SPDX-License-Identifier: Apache-2.0

import XCTest

@testable import book

/// Broken pages: each check is seen to fail, and what it says is read.
final class PageTests: XCTestCase {
    // MARK: Quotes

    private let quote = """
        <!-- quote: Stage1-Sync/main.swift: func add -->
        ```swift
        /// Adds one.
        func add(_ number: Int) -> Int {
            number + 1
        }
        ```
        """

    func testAVerbatimQuoteIsFine() throws {
        XCTAssertEqual(try Sample().problems(quote), [])
    }

    func testAQuoteThatDiffersShowsBothVersions() throws {
        assertOnly(
            try Sample().problems(quote.replacing("number + 1", with: "number + 7")),
            """
            docs/page.md:2: this is not what the source says (`book update` takes it over): \
            Stage1-Sync/main.swift: func add
              the page, from its line 3:
                    number + 7
                }
              the source:
                    number + 1
                }
            """)
    }

    func testAQuoteThatIsShorterFails() throws {
        let problems = try Sample().problems(quote.replacing("\n}\n```", with: "\n```"))
        XCTAssertEqual(problems.count, 1)
        XCTAssertTrue(problems[0].contains("(ends here)"), problems[0])
    }

    func testAQuoteOfWhatIsGoneOrAmbiguousFails() throws {
        assertOnly(
            try Sample().problems(quote.replacing(": func add", with: ": func subtract")),
            "docs/page.md:1: no line of Stage1-Sync/main.swift begins with: func subtract")
        assertOnly(
            try Sample().problems(quote.replacing("Sync/main", with: "Sync/other")),
            "docs/page.md:1: there is no file Stage1-Sync/other.swift")
        assertOnly(
            try Sample().problems(quote.replacing(": func add", with: ": //")),
            "docs/page.md:1: 2 lines of Stage1-Sync/main.swift begin with: //")
    }

    func testUpdateTakesTheQuoteOver() throws {
        let sample = try Sample()
        let page = Page(path: "docs/page.md", text: quote.replacing("number + 1", with: "old"))
        XCTAssertEqual(try page.updated(from: Sources(root: sample.root)).text, quote)
    }

    func testAQuoteFromOneLineToAnother() throws {
        let sample = try Sample()
        XCTAssertEqual(
            try Sources(root: sample.root).quote("Stage1-Sync/main.swift: number + 1 … let answer"),
            ["    number + 1", "}", "", "let answer = add(41)"])
    }

    // MARK: Diffs

    func testADiffThatIsStaleShowsBothVersions() throws {
        let sample = try Sample()
        let text = "<!-- diff: Stage1-Sync/main.swift Stage2-Threads/main.swift -->\n```diff\n```\n"
        let problems = try sample.problems(text)
        XCTAssertEqual(problems.count, 1)
        XCTAssertTrue(
            problems[0].contains("the page, from its line 1:\n    (ends here)"), problems[0])
        XCTAssertTrue(problems[0].contains("--- Stage1-Sync/main.swift"), problems[0])
        let page = Page(path: "docs/page.md", text: text)
        let updated = try page.updated(from: Sources(root: sample.root)).text
        XCTAssertTrue(updated.contains("\n-    number + 1\n+    number + 2\n"), updated)
        XCTAssertEqual(try sample.problems(updated), [])
    }

    // MARK: Marks

    func testWhatCouldBeComparedHasToBeMarked() throws {
        assertOnly(
            try Sample().problems("```console\n$ true\n```\n"),
            "docs/page.md:1: a `console` fence needs <!-- run: … --> or <!-- not run: … --> before it"
        )
        assertOnly(
            try Sample().problems("```swift\nlet a = 1\n```\n"),
            "docs/page.md:1: a `swift` fence needs <!-- quote: … --> or <!-- not quoted: … --> before it"
        )
    }

    func testAnExceptionNeedsAReason() throws {
        let text =
            "<!-- not run: macOS only, where lsof has no such option -->\n```console\n$ x\n```\n"
        XCTAssertEqual(try Sample().problems(text), [])
        assertOnly(
            try Sample().problems(
                text.replacing("macOS only, where lsof has no such option", with: "")),
            "docs/page.md:1: `not run:` says too little")
    }

    func testACommentWithoutItsFenceFails() throws {
        assertOnly(
            try Sample().problems("<!-- run: s/a -->\nText.\n"),
            "docs/page.md:1: no fence follows this comment")
        assertOnly(
            try Sample().problems("```swift\nlet a = 1\n"),
            "docs/page.md:1: this fence is never closed")
    }

    // MARK: Links

    func testLinksThatLeadSomewhere() throws {
        let text = """
            # A page: `code`, and more
            [self](#a-page-code-and-more) [file](../Stage1-Sync/main.swift) [page](empty.md#empty)
            [outside](https://www.swift.org/install/) <a id="spot"></a> [spot](#spot) `[no](link)`
            """
        XCTAssertEqual(try Sample().problems(text), [])
    }

    func testTheLinksOfOtherPagesAreChecked() throws {
        let sample = try Sample()
        let text = "[away](../gone.md)\n\n```console\n$ not compared\n```\n"
        for path in ["CONTRIBUTING.md", "docs/exercises/stage1.md", "Tests/Tool/README.md"] {
            try sample.write(path, text)
        }
        let book = try XCTUnwrap(Book(["check", "--root", sample.root.path]))
        XCTAssertEqual(
            try book.otherPages().flatMap(book.linkProblems).map(\.description),
            [
                "CONTRIBUTING.md:1: ../gone.md: there is no such file",
                "docs/exercises/stage1.md:1: ../gone.md: there is no such file",
                "Tests/Tool/README.md:1: ../gone.md: there is no such file",
            ])
        XCTAssertFalse(try book.run())
    }

    func testLinksThatLeadNowhere() throws {
        assertOnly(
            try Sample().problems("[a](gone.md)"), "docs/page.md:1: gone.md: there is no such file")
        assertOnly(
            try Sample().problems("# A\n\n[a](#b)"), "docs/page.md:3: #b: there is no such heading")
        assertOnly(
            try Sample().problems("[a](empty.md#full)"),
            "docs/page.md:1: empty.md#full: there is no such heading")
        assertOnly(
            try Sample().problems("[a](https://nowhere)"),
            "docs/page.md:1: https://nowhere: not an address")
        assertOnly(
            try Sample().problems("<img src=\"gone.svg\" alt=\"A queue\">"),
            "docs/page.md:1: gone.svg: there is no such file")
    }

    func testAPictureNeedsAText() throws {
        for picture in ["![](empty.md)", "<img src=\"empty.md\">"] {
            assertOnly(
                try Sample().problems(picture),
                "docs/page.md:1: a picture without a text alternative")
        }
    }
}
