// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import book

/// Transcripts that are true, and broken ones, each of which is seen to fail.
final class TranscriptTests: XCTestCase {
    func testACommandAndWhatItShows() throws {
        XCTAssertEqual(
            try Sample().problems(playing: [
                ("a", "$ echo one; echo two\none\ntwo\n$ echo three\nthree")
            ]), [])
    }

    func testAnotherLineThanThePageShows() throws {
        assertOnly(
            try Sample().problems(playing: [("a", "$ echo one; echo two\none\nthree")]),
            """
            docs/page.md:5: terminal a of scene s: the page and the run differ:
              the page: three
              the run:  two
              shown last:
                one
                two
            """)
    }

    func testMoreThanThePageShows() throws {
        let problems = try Sample().problems(playing: [("a", "$ echo one; echo two\none")])
        XCTAssertEqual(problems.count, 1)
        XCTAssertTrue(problems[0].contains("the page ends here, the run goes on:"), problems[0])
        XCTAssertTrue(problems[0].contains("the run:  two"), problems[0])
        let next = try Sample().problems(playing: [("a", "$ echo one; echo two\none\n$ true")])
        XCTAssertTrue(next.joined().contains("the page shows the prompt, but:"), next.joined())
    }

    func testLessThanThePageShows() throws {
        let problems = try Sample().problems(playing: [("a", "$ echo one\none\ntwo")])
        XCTAssertEqual(problems.count, 1)
        XCTAssertTrue(problems[0].contains("the run ends before this line:"), problems[0])
    }

    func testACommandThatDoesNotExist() throws {
        let problems = try Sample().problems(playing: [("a", "$ no-such-command\nall is well")])
        XCTAssertTrue(problems.joined().contains("not found"), problems.joined())
    }

    func testTypedLinesKeysAndTwoTerminals() throws {
        XCTAssertEqual(
            try Sample().problems(playing: [
                ("a; type: hello", "$ cat\nhello\nhello"), ("b", "$ echo here\nhere"),
                ("a; type: again", "again\nagain\n^D\n$ echo done\ndone\n$ cat\n^C\n$ true"),
            ]), [])
    }

    func testASuspendedProgramGoesOn() throws {
        XCTAssertEqual(
            try Sample().problems(playing: [
                ("a; type: hello", "$ cat\n^Z\n…Stopped…\n$ fg\ncat\nhello\nhello\n^C")
            ]), [])
    }

    func testATypedLineThatIsNotThere() throws {
        assertOnly(
            try Sample().problems(playing: [("a; type: hello", "$ cat")]),
            "docs/page.md:1: never typed: hello")
    }

    func testAnUnknownOption() throws {
        assertOnly(
            try Sample().problems(playing: [("a; slowly", "$ true")]),
            "docs/page.md:1: no option of a transcript: slowly")
    }

    func testWhatIsSkipped() throws {
        XCTAssertEqual(
            try Sample().problems(playing: [("a", "$ seq 9\n1\n...\n8\n9\n$ seq 5\n...")]), [])
        XCTAssertFalse(
            try Sample().problems(playing: [("a; within: 0.5", "$ seq 5\n1\n...\n8")]).isEmpty)
    }

    func testSilenceIsChecked() throws {
        XCTAssertEqual(try Sample().problems(playing: [("a; silent", "$ sleep 2")]), [])
        let loud = try Sample().problems(playing: [
            ("a; silent", "$ sleep 0.1; echo boo; cat"), ("a", "boo"),
        ])
        XCTAssertTrue(
            loud.joined().contains("the page shows nothing more, but here comes:"), loud.joined())
    }

    func testACommandThatIsRepeatedUntilItIsSo() throws {
        let fences = [
            ("a", "$ rm -f later; (sleep 0.4; echo now > later) &\n..."),
            ("b; until", "$ cat later\nnow"),
        ]
        XCTAssertEqual(try Sample().problems(playing: fences), [])
        let never = try Sample().problems(playing: [("b; until; within: 0.5", "$ echo no\nyes")])
        XCTAssertTrue(never.joined().contains("the run:  no"), never.joined())
    }

    func testPortsAndNumbersStandForOthers() throws {
        XCTAssertEqual(
            try Sample().problems(playing: [
                (
                    "a; vary: 4711 0.25",
                    "$ echo from 41234 in 3.14 s as 99, to 41234\nfrom 38336 in 0.25 s as 4711, to 38336"
                ),
                ("b", "$ echo 41234 99\n38336 4711"),
                ("b", "$ echo 127.0.0.1:8080 127.0.0.1.41234:\n127.0.0.1:8080 127.0.0.1.38336:"),
            ]), [])
    }

    func testAPortThatChangesWithinASceneFails() throws {
        let other = try Sample().problems(playing: [("a", "$ echo 41234; echo 41235\n38336\n38336")]
        )
        XCTAssertTrue(other.joined().contains("the run:  41235"), other.joined())
        let same = try Sample().problems(playing: [("a", "$ echo 41234; echo 41234\n38336\n38337")])
        XCTAssertTrue(same.joined().contains("the page: 38337"), same.joined())
    }

    func testAnotherNumberThanThePageShowsFails() throws {
        XCTAssertFalse(try Sample().problems(playing: [("a", "$ echo 29 bytes\n30 bytes")]).isEmpty)
    }

    func testWhatIsPutOffComesWhenTheSceneEnds() throws {
        let fences = [
            ("a; first: 2", "$ cat later -\none\n^D\n$ true"), ("b", "$ echo here\nhere"),
        ]
        let late = try Sample().problems(
            playing: [("setup", "$ echo one > later")] + fences + [("b", "$ echo last\nlast")])
        XCTAssertEqual(late, [])
        let wrong = try Sample().problems(
            playing: [
                ("a; first: 1", "$ cat\nnever typed"), ("b", "$ echo here\nhere"),
            ].map { ($0.0 + "; within: 0.5", $0.1) })
        XCTAssertTrue(wrong.joined().contains("no sign of `never typed`"), wrong.joined())
    }

    func testOutputThatIsNotShownHasToBeDeclared() throws {
        XCTAssertEqual(try Sample().problems(playing: [("a; more", "$ seq 3\n1")]), [])
        XCTAssertFalse(try Sample().problems(playing: [("a", "$ seq 3\n1")]).isEmpty)
    }

    func testACallThatBlocksInTheMiddleOfALine() throws {
        let half = "$ printf 'accept('; cat; echo ') = 4'\naccept("
        XCTAssertEqual(
            try Sample().problems(playing: [("a", half), ("a; type: x", "x")]).count, 1,
            "the echo of x comes behind the half line")
        XCTAssertEqual(try Sample().problems(playing: [("a", half), ("b", "$ true")]), [])
        XCTAssertFalse(
            try Sample().problems(playing: [
                ("a; within: 0.5", half.replacing("\naccept", with: "\nrecv"))
            ]).isEmpty)
    }

    func testAStageThatIsNotBuilt() throws {
        assertOnly(
            try Sample().problems(playing: [("a; with: Stage1-Sync", "$ true")]),
            "docs/page.md:3: Stage1-Sync is not built: run `swift build --build-tests` first")
    }

    func testADeadlineEndsWhatRuns() throws {
        let start = Date()
        let seconds = "\(900 + Int.random(in: 1...99)).25"
        let problems = try Sample().problems(
            playing: [("a; within: 0.5", "$ sleep \(seconds) & sleep \(seconds)\n...\nnever")])
        XCTAssertEqual(problems.count, 1)
        XCTAssertLessThan(Date().timeIntervalSince(start), 5)
        let processes = try XCTUnwrap(Tool.output("ps", ["-eo", "args"]))
        XCTAssertFalse(processes.contains("sleep \(seconds)"), "still running")
    }

    func testAToolThatIsMissingIsNamed() throws {
        let page = Page(
            path: "docs/page.md",
            text: "<!-- run: s/a -->\n```console\n$ telnet 127.0.0.1 8080\n```\n")
        let scene = try XCTUnwrap(page.scenes().first)
        let isThere = Tool.status("sh", ["-c", "command -v telnet"]) == 0
        XCTAssertEqual(scene.obstacle, isThere ? nil : "telnet is not installed")
        XCTAssertNil(Tool.missing(for: "echo nothing rare"))
        XCTAssertEqual(
            Tool.missing(for: "no-such-tool x", among: ["no-such-tool": "true"]),
            "no-such-tool is not installed")
        XCTAssertEqual(
            Tool.missing(for: "cat x", among: ["cat": "false"]), "cat may not do its work here")
    }

    func testWhatIsSkippedFailsWhenStrict() throws {
        XCTAssertTrue(try XCTUnwrap(Book(["check"])).isWell(problems: 0, skipped: 1))
        XCTAssertFalse(try XCTUnwrap(Book(["check", "--strict"])).isWell(problems: 0, skipped: 1))
        XCTAssertTrue(try XCTUnwrap(Book(["check", "--strict"])).isWell(problems: 0, skipped: 0))
        XCTAssertFalse(try XCTUnwrap(Book(["check"])).isWell(problems: 1, skipped: 0))
    }

    func testAnEditIsMadeWhereItFits() throws {
        let edit =
            "<!-- edit: s Stage1-Sync/main.swift -->\n```diff\n-    number + 1\n+    number + 7\n }\n```\n"
        let run =
            "\n<!-- run: s/a -->\n```console\n$ sed -n 5p Stage1-Sync/main.swift\n    number + 7\n```\n"
        let sample = try Sample()
        XCTAssertEqual(try sample.problems(edit + run), [])
        let source = try String(
            contentsOf: sample.root.appending(path: "Stage1-Sync/main.swift"), encoding: .utf8)
        XCTAssertTrue(source.contains("number + 1"), "only the copy is edited")
        assertOnly(
            try sample.problems(edit.replacing("number + 1", with: "number + 5") + run),
            """
            docs/page.md:2: the change fits Stage1-Sync/main.swift in 0 places:
                number + 5
            }
            """)
    }
}
