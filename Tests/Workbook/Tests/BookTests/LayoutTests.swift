// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The rules that the stages' sources keep, so that they can be read side by side.
///
/// They bind the workbook, not its readers: hence here, and not beside the stages' checks.
final class LayoutTests: XCTestCase {
    /// The six programs.
    private enum Stage: String, CaseIterable {
        case sync = "Stage1-Sync"
        case threads = "Stage2-Threads"
        case async = "Stage3-Async"
        case framing = "Stage4-Framing"
        case codec = "Stage5-Codec"
        case shutdown = "Stage6-Shutdown"

        /// The folder's name.
        var name: String { rawValue }
        /// The folder.
        var folder: URL {
            URL(filePath: #filePath).appending(path: "../../../../..").standardized
                .appending(path: rawValue)
        }
    }

    /// How many lines a stage's main.swift may have.
    private static let budget: [Stage: Int] = [
        .sync: 90, .threads: 105, .async: 90, .framing: 155, .codec: 95, .shutdown: 155,
    ]

    func testCopiesAreIdentical() throws {
        let console = try source(.sync, "Console.swift")
        for stage in Stage.allCases {
            XCTAssertEqual(
                try source(stage, "Console.swift"), console,
                "\(stage.name)/Console.swift differs from stage 1's")
        }
        XCTAssertEqual(
            try source(.threads, "Socket.swift"), try source(.sync, "Socket.swift"),
            "Socket.swift differs between stages 1 and 2")
        for stage in [Stage.framing, .codec] {
            XCTAssertEqual(
                try source(stage, "Listener.swift"), try source(.async, "Listener.swift"),
                "\(stage.name)/Listener.swift differs from stage 3's")
        }
    }

    func testAStageIsTheseFiles() throws {
        for stage in Stage.allCases {
            var files = ["Console.swift", "main.swift"]
            let isPlain = stage == .sync || stage == .threads
            files.append(isPlain ? "Socket.swift" : "Listener.swift")
            if stage == .codec { files.append("FrameCodec.swift") }
            let found = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
                .filter { $0.hasSuffix(".swift") }
            XCTAssertEqual(found.sorted(), files.sorted(), stage.name)
        }
    }

    func testALessonFitsItsBudget() throws {
        for stage in Stage.allCases {
            let count = try lines(stage, "main.swift").count
            XCTAssertLessThanOrEqual(
                count, Self.budget[stage] ?? 0, "\(stage.name)/main.swift has \(count) lines")
        }
    }

    func testAFunctionHasAtMost40Lines() throws {
        try forEachFile { stage, file in
            var start: (line: Int, indent: Int)?
            for (number, line) in try lines(stage, file).enumerated() {
                let indent = line.prefix { $0 == " " }.count
                if line.range(of: #"\b(func|init\(|deinit)"#, options: .regularExpression) != nil,
                    !line.contains("///"), start == nil
                {
                    start = (number, indent)
                }
                if let (first, depth) = start, line.hasPrefix("}") || indent == depth,
                    line.trimmingCharacters(in: .whitespaces) == "}"
                {
                    XCTAssertLessThanOrEqual(
                        number - first + 1, 40, "\(stage.name)/\(file), line \(first + 1)")
                    start = nil
                }
                if let (first, depth) = start, number == first, line.hasSuffix("}"), indent == depth
                {
                    start = nil
                }
            }
        }
    }

    /// Such a variable can be used before it has its value, and threads can't use it at all.
    func testMainHasNoFileScopeVariables() throws {
        for stage in Stage.allCases {
            for line in try lines(stage, "main.swift") {
                XCTAssertNil(
                    line.range(
                        of: "^(private |fileprivate )?(let|var) ", options: .regularExpression),
                    "\(stage.name)/main.swift: \(line)")
            }
        }
    }

    /// One reply is one write there, so that Nagle's algorithm can't be seen from outside.
    func testNagleIsOffInTheStagesOnSwiftNIO() throws {
        for stage in [Stage.async, .framing, .codec, .shutdown] {
            XCTAssertTrue(
                try source(stage, "Listener.swift")
                    .contains(".serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)"),
                stage.name)
        }
    }

    /// A trap ends the whole server, not just the connection that led to it.
    func testNothingTraps() throws {
        let traps = #"try!|as!|fatalError|precondition|assert\(|[\w\])]!(?!=)"#
        try forEachFile { stage, file in
            for line in try lines(stage, file) {
                let code = line.components(separatedBy: "//")[0]
                    .replacingOccurrences(of: #""[^"]*""#, with: "", options: .regularExpression)
                XCTAssertNil(
                    code.range(of: traps, options: .regularExpression),
                    "\(stage.name)/\(file): \(line)")
            }
        }
    }

    func testEveryDeclarationIsDocumented() throws {
        let declaration =
            #"^ *(private |static |mutating |final |fileprivate )*"#
            + #"(func|struct|class|enum|case [a-z]+(\(|$)|init\(|var|let) ?"#
        try forEachFile { stage, file in
            let lines = try lines(stage, file)
            for (number, line) in lines.enumerated() {
                let indent = line.prefix { $0 == " " }.count
                let isMember = isMember(lines, number, indent)
                guard isMember, !line.contains("case .") else { continue }
                guard line.range(of: declaration, options: .regularExpression) != nil else {
                    continue
                }
                let before =
                    number == 0 ? "" : lines[number - 1].trimmingCharacters(in: .whitespaces)
                XCTAssertTrue(
                    before.hasPrefix("///"), "\(stage.name)/\(file), line \(number + 1): \(line)")
            }
        }
    }

    /// Whether a line declares something at file scope or as a member of a type.
    private func isMember(_ lines: [String], _ number: Int, _ indent: Int) -> Bool {
        if indent == 0 { return !lines[number].hasPrefix("let ") }
        guard indent % 4 == 0 else { return false }
        // The line that opens the scope: the nearest one before that is indented less.
        let opener = lines[..<number].last { line in
            !line.isEmpty && line.prefix { $0 == " " }.count < indent && !line.hasPrefix("#")
        }
        let type = #"^ *(private |final )*(struct|class|enum|extension) "#
        return opener?.range(of: type, options: .regularExpression) != nil
    }

    private func forEachFile(_ body: (Stage, String) throws -> Void) throws {
        for stage in Stage.allCases {
            for file in [
                "main.swift", "Console.swift", "Socket.swift", "Listener.swift", "FrameCodec.swift",
            ]
            where (try? source(stage, file)) != nil {
                try body(stage, file)
            }
        }
    }

    private func source(_ stage: Stage, _ file: String) throws -> String {
        try String(contentsOf: stage.folder.appending(path: file), encoding: .utf8)
    }

    private func lines(_ stage: Stage, _ file: String) throws -> [String] {
        try source(stage, file).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }
}
