// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import book

/// The helper scripts in `docs`, tried on a copy of the workbook.
final class HelperTests: XCTestCase {
    /// The workbook that this package is part of.
    private static let root = URL(filePath: #filePath).appending(path: "../../../../..")
        .standardized

    /// A copy of the stages and scripts, committed, so that `git restore` has something to restore.
    private func copy() throws -> URL {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "helpers-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try? files.removeItem(at: folder) }
        for name in try files.contentsOfDirectory(atPath: Self.root.path)
        where name.hasPrefix("Stage") || name == "docs" {
            try files.copyItem(
                at: Self.root.appending(path: name), to: folder.appending(path: name))
        }
        let identity = "-c user.name=reader -c user.email=reader@example.org"
        let commit = "git init -q . && git add . && git \(identity) commit -q -m start"
        XCTAssertEqual(Tool.status("sh", ["-c", commit], in: folder), 0)
        return folder
    }

    /// Runs a line of shell, both outputs in one, and its status at the end.
    private func shell(_ line: String, in folder: URL) throws -> String {
        let output = try XCTUnwrap(
            Tool.output("sh", ["-c", "{ \(line); } 2>&1; echo \"=$?\""], in: folder))
        return output.trimmingCharacters(in: .newlines)
    }

    func testStartPutsTheStageBeforeInPlace() throws {
        let folder = try copy()
        let stages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("Stage") }.sorted()
        XCTAssertEqual(stages.count, 6)
        let sources = ["docs/exercises/start/Stage1-Sync"] + [0, 1, 2, 3, 2].map { stages[$0] }
        for (number, (stage, source)) in zip(1..., zip(stages, sources)) {
            let said = try shell("docs/workbook start \(number)", in: folder)
            XCTAssertTrue(said.hasSuffix("\n=0"), said)
            XCTAssertEqual(
                try shell("cmp \(stage)/main.swift \(source)/main.swift", in: folder), "=0")
            // The way back that it names leads back.
            let lines = said.split(separator: "\n")
            let back = try XCTUnwrap(lines.first { $0.hasPrefix("The way back:") }, said)
                .dropFirst("The way back:".count)
            XCTAssertTrue(back.contains("git restore \(stage)"), said)
            XCTAssertEqual(try shell(String(back), in: folder), "=0")
            XCTAssertEqual(try shell("git status --porcelain -- Stage*", in: folder), "=0")
        }
    }

    func testStartDropsNobodysWork() throws {
        let folder = try copy()
        let said = try shell(
            "echo '// mine' >> Stage4-Framing/main.swift; docs/workbook start 4.1", in: folder)
        XCTAssertEqual(
            said,
            """
            Stage4-Framing has changes. Keep them (git stash push -u Stage4-Framing) or drop them
            (git restore Stage4-Framing && git clean -f Stage4-Framing) first.
            =1
            """)
        XCTAssertEqual(try shell("tail -n 1 Stage4-Framing/main.swift", in: folder), "// mine\n=0")
    }

    func testStartWantsAStage() throws {
        let folder = try copy()
        for arguments in ["", "0", "7", "four"] {
            XCTAssertEqual(
                try shell("docs/workbook start \(arguments)", in: folder),
                "usage: docs/workbook start STAGE   (1 to 6)\n=64")
        }
    }

    func testCheckSaysTheWayBackFromWhatDoesNotCompile() throws {
        let folder = try copy()
        let identity = "-c user.name=reader -c user.email=reader@example.org"
        _ = try shell(
            "echo > Package.swift; git add .; git \(identity) commit -qm more", in: folder)
        try shellTool("swift", "exit 1", in: folder)
        _ = try shell(
            "echo oops >> Stage5-Codec/main.swift; echo > Stage5-Codec/Beat.swift", in: folder)
        let said = try shell("PATH=$PWD/tools:$PATH docs/workbook check 5.5", in: folder)
        XCTAssertTrue(said.hasSuffix("\n=1"), said)
        XCTAssertTrue(said.contains("compiled too:    Stage5-Codec/Beat.swift"), said)
        let back = try XCTUnwrap(said.split(separator: "\n").first { $0.contains("git restore") })
            .drop { $0 != ":" }.dropFirst()
        XCTAssertEqual(try shell("\(back) > /dev/null", in: folder), "=0")
        XCTAssertEqual(try shell("git status --porcelain -- Stage*", in: folder), "=0")
    }

    func testFrameWritesTheLengthInBytes() throws {
        let folder = try copy()
        // In nc's place: what would be sent is what comes back.
        try shellTool("nc", "[ \"$1\" != -h ] || exit 0; exec cat", in: folder)
        XCTAssertEqual(
            try shell(
                "PATH=$PWD/tools:$PATH docs/workbook frame hi 'é' '' | head -n 1 | cut -c 11-50", in: folder),
            "0000 0002 6869 0000 0002 c3a9 0000 0000 \n=0")
        XCTAssertEqual(
            try shell(
                "PATH=$PWD/tools:$PATH docs/workbook frame \"$(seq 20000)\" | head -n 1 | cut -c 11-30",
                in: folder),
            "0001 a95d 310a 320a \n=0")
        XCTAssertEqual(
            try shell("docs/workbook frame", in: folder), "usage: [PORT=8080] docs/workbook frame TEXT ...\n=64")
    }

    func testPreflightNamesWhatIsMissing() throws {
        let folder = try copy()
        try shellTool("nc", "[ \"$1\" = -h ] && echo '-N  Shutdown the socket'; exit 1", in: folder)
        try shellTool(
            "swift", "[ \"$1\" = --version ] && echo 'Swift version '$VERSION; exit 0", in: folder)
        let ready = try shell(
            "PATH=$PWD/tools:$PATH VERSION='6.2.1 (x)' docs/workbook preflight", in: folder)
        XCTAssertTrue(ready.contains("ok       Swift 6.2\n"), ready)
        XCTAssertTrue(ready.contains("ok       nc is OpenBSD's: nc -N as the pages say\n"), ready)
        XCTAssertTrue(ready.contains("ok       port 8080 is free\n"), ready)
        XCTAssertTrue(ready.hasSuffix("ok       fetched and built\n=0"), ready)

        let old = try shell("PATH=$PWD/tools:$PATH VERSION=5.10 docs/workbook preflight", in: folder)
        XCTAssertTrue(old.contains("MISSING  Swift 6.2 or later, this is 5.10"), old)
        XCTAssertTrue(old.hasSuffix("=1"), old)
        XCTAssertFalse(old.contains("fetched"), old)

        let few = try shell(
            "ulimit -n 256; PATH=$PWD/tools:$PATH VERSION=6.3 docs/workbook preflight", in: folder)
        XCTAssertTrue(few.contains("MISSING  open files: 256, ulimit -n 1024"), few)

        try shellTool("nc", "[ \"$1\" = -h ] && echo BusyBox; exit 0", in: folder)
        let taken = try shell("PATH=$PWD/tools:$PATH VERSION=6.3 docs/workbook preflight", in: folder)
        XCTAssertTrue(taken.contains("MISSING  port 8080 is taken"), taken)
        XCTAssertTrue(taken.contains("where a page says nc -N, use nc\n"), taken)
    }

    /// Writes a tool that stands in for a real one.
    private func shellTool(_ name: String, _ body: String, in folder: URL) throws {
        let file = folder.appending(path: "tools/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try "#!/bin/sh\n\(body)\n".write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
}
