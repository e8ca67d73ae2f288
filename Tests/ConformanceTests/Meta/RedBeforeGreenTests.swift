// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The program of the stage before fails a stage's checks, and for the reason that the lesson names.
final class RedBeforeGreenTests: XCTestCase {
    func testStage1FailsStage2BecauseTheSecondClientWaits() {
        expectRed(.secondClient, .threads, "the second client waits until the first has gone")
    }

    func testStage2FailsStage3BecauseOfAThreadForEveryClient() {
        expectRed(.idleThreads, .async, "a thread for every client")
    }

    func testStage3FailsStage4BecauseTwoMessagesAreNotAnsweredOneByOne() {
        expectRed(.twoInOneSegment, .framing, "other bytes come back")
    }

    func testStage3FailsStage6BecauseThereIsNoFarewell() {
        expectRed(
            .terminateIdle, .shutdown, before: .async, "the signal ends the process: no farewell")
    }

    /// On the wire both do the same; what stage 4 lacks is a codec that needs no socket.
    func testStage4FailsStage5BecauseThereIsNoCodecToTest() throws {
        let probe = "let codec = FrameCodec()\n"
        XCTAssertEqual(try typecheck("@testable import Stage5_Codec\n" + probe), "")
        let complaint = try typecheck("@testable import Stage4_Framing\n" + probe)
        XCTAssertTrue(
            complaint.contains("cannot find 'FrameCodec' in scope"),
            "Stage 4 was expected to have no FrameCodec. The compiler said:\n\(complaint)")
    }

    private func expectRed(
        _ behaviour: Behaviour, _ stage: Stage, before: Stage? = nil,
        _ symptom: String, line: UInt = #line
    ) {
        guard let before = before ?? Stage(rawValue: stage.rawValue - 1) else {
            return XCTFail("no stage before \(stage.name)", line: line)
        }
        let observation = behaviour.observe(
            before.ownProgram, name: before.name, dialect: stage.dialect)
        XCTAssertEqual(observation.symptom, symptom, line: line)
    }

    /// Compiles a source against the package's modules; returns what the compiler complains of.
    private func typecheck(_ source: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("probe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("probe.swift")
        try source.write(to: file, atomically: true, encoding: .utf8)
        let arguments =
            ["swiftc", "-typecheck", "-swift-version", "6", file.path]
            + ["-I", Stage.products.appendingPathComponent("Modules").path]
            + moduleMaps().flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        let compiler = try Server(
            Program(path: "/usr/bin/env", isForeign: true), arguments: arguments)
        defer { compiler.stop() }
        guard let status = compiler.waitForExit(by: Deadline(in: 60)) else { return "no end" }
        if status == .exited(0) { return "" }
        return compiler.allErrors.joined(separator: "\n")
    }

    /// The C modules that SwiftNIO's modules are built on.
    private func moduleMaps() -> [String] {
        let build = Stage.products.resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("checkouts")
        let names = FileManager.default.enumerator(atPath: build.path)?.compactMap { $0 as? String }
        let products =
            FileManager.default.enumerator(atPath: Stage.products.path)?
            .compactMap { $0 as? String } ?? []
        return (names ?? []).filter { $0.hasSuffix("include/module.modulemap") }
            .map { build.appendingPathComponent($0).path }
            + products.filter { $0.hasSuffix(".build/module.modulemap") }
            .map { Stage.products.appendingPathComponent($0).path }
    }
}
