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

    /// What the folders hold: each file, and the stages that have the same copy of it.
    private static let files: [(name: String, copies: [[Stage]])] = [
        ("main.swift", Stage.allCases.map { [$0] }),
        ("Console.swift", [Stage.allCases]),
        ("Socket.swift", [[.sync, .threads]]),
        ("Listener.swift", [[.async, .framing, .codec], [.shutdown]]),
        ("Client.swift", [[.async, .framing, .codec], [.shutdown]]),
        ("Quoted.swift", [[.threads, .framing, .codec]]),
        ("Frame.swift", [[.framing, .codec]]),
        ("FrameCodec.swift", [[.codec]]),
        ("Register.swift", [[.shutdown]]),
    ]

    func testCopiesAreIdentical() throws {
        for (name, copies) in Self.files {
            for stages in copies {
                let first = try source(stages[0], name)
                for stage in stages.dropFirst() where try source(stage, name) != first {
                    XCTFail("\(stage.name)/\(name) differs from \(stages[0].name)'s")
                }
            }
        }
    }

    /// The benchmark's peers log what the stages log, so that the difference is what is measured.
    func testThePeersHaveTheSameCopies() throws {
        let peers = Stage.threads.folder.appending(path: "../Tests/Benchmarks/Sources").standardized
        for name in ["Console.swift", "Quoted.swift"] {
            let original = try source(.threads, name)
            let copies = try FileManager.default.contentsOfDirectory(atPath: peers.path)
                .map { peers.appending(path: $0).appending(path: name) }
                .filter { FileManager.default.fileExists(atPath: $0.path) }
            XCTAssertFalse(copies.isEmpty, "no peer has a \(name)")
            for copy in copies where try String(contentsOf: copy, encoding: .utf8) != original {
                XCTFail("\(copy.path) differs from \(Stage.threads.name)'s")
            }
        }
    }

    func testAStageIsTheseFiles() throws {
        for stage in Stage.allCases {
            let files = Self.files.filter { $0.copies.joined().contains(stage) }.map(\.name)
            let found = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
                .filter { $0.hasSuffix(".swift") }
            XCTAssertEqual(found.sorted(), files.sorted(), stage.name)
        }
    }

    /// What neighbours have in common stands there in the same words, so that a `diff` shows the lesson.
    func testTheCommonPartsOfMainAreIdentical() throws {
        let parts: [(function: String, stages: [[Stage]])] = [
            ("serve(", [[.sync, .threads]]),
            ("run(", [[.async, .framing, .codec]]),
            ("serve(", [[.framing, .codec]]),
            ("closeSoon(", [[.framing, .codec]]),
        ]
        for (name, groups) in parts {
            for stages in groups {
                let first = try function(name, of: stages[0])
                XCTAssertFalse(first.isEmpty, "\(stages[0].name) has no function \(name)")
                for stage in stages.dropFirst() {
                    XCTAssertEqual(try function(name, of: stage), first, stage.name)
                }
            }
        }
        // But for the name of what is done with a client, and for what it is handed.
        let serve = try [Stage.async, .framing, .codec, .shutdown].map {
            try function("serve(", of: $0).replacingOccurrences(
                of: #"try await \w+\(client.*\)"#, with: "", options: .regularExpression)
        }
        XCTAssertEqual(Set(serve).count, 1, serve.joined(separator: "\n"))
    }

    /// A function of a main.swift, with the comment above it.
    private func function(_ name: String, of stage: Stage) throws -> String {
        let text = try source(stage, "main.swift")
        let blocks = text.components(separatedBy: "\n}\n")
        return blocks.first { $0.contains("\nfunc \(name)") }.map { block in
            String(block[(block.range(of: "\n///")?.lowerBound ?? block.startIndex)...])
        } ?? ""
    }

    func testAFileFitsItsBudget() throws {
        for stage in Stage.allCases {
            let main = stage == .framing || stage == .shutdown ? 140 : 100
            for (file, budget) in [("main.swift", main), ("Listener.swift", 100)] {
                let count = (try? lines(stage, file).count) ?? 0
                XCTAssertLessThanOrEqual(
                    count - 1, budget, "\(stage.name)/\(file): \(count - 1) lines")
            }
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
                let before = lines[..<number].last { !$0.hasPrefix("@") } ?? ""
                XCTAssertTrue(
                    before.contains("///"), "\(stage.name)/\(file), line \(number + 1): \(line)")
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
            for file in Self.files.map(\.name)
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
