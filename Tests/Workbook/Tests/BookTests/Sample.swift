// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import book

/// A workbook of a few lines, in a folder of its own, with which pages are compared.
final class Sample {
    /// Its root.
    let root = FileManager.default.temporaryDirectory.appending(path: "sample-\(UUID().uuidString)")

    /// Writes two stages, and no page yet.
    init() throws {
        try write(
            "Stage1-Sync/main.swift",
            "// One.\n\n/// Adds one.\nfunc add(_ number: Int) -> Int {\n    number + 1\n}\n\nlet answer = add(41)\n"
        )
        try write(
            "Stage2-Threads/main.swift",
            "// Two.\n\n/// Adds one.\nfunc add(_ number: Int) -> Int {\n    number + 2\n}\n\nlet answer = add(41)\n"
        )
        try write("docs/empty.md", "# Empty\n")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// Writes a file below the root.
    func write(_ path: String, _ text: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    /// What the checker says of a page in `docs`.
    func problems(_ text: String) throws -> [String] {
        let page = Page(path: "docs/page.md", text: text)
        try write(page.path, text)
        let book = try XCTUnwrap(Book(["check", "--root", root.path]))
        return book.check(page, Sources(root: root)).problems.map(\.description)
    }

    /// Plays one fence after the other in the scene `s`; each has its terminal and options.
    func problems(playing fences: [(terminal: String, text: String)]) throws -> [String] {
        let blocks = fences.map { "<!-- run: s/\($0.terminal) -->\n```console\n\($0.text)\n```\n" }
        return try problems(blocks.joined(separator: "\n"))
    }
}

extension XCTestCase {
    /// Asserts that there is exactly one problem, and that its message is this.
    func assertOnly(
        _ problems: [String], _ expected: String, file: StaticString = #filePath, line: UInt = #line
    ) {
        XCTAssertEqual(problems.joined(separator: "\n\n"), expected, file: file, line: line)
    }
}
