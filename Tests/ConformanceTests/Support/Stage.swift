// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One of the six programs.
enum Stage: Int, CaseIterable, Sendable {
    case sync = 1
    case threads
    case async
    case framing
    case codec
    case shutdown

    /// The name of the program and of its folder.
    var name: String {
        switch self {
        case .sync: "Stage1-Sync"
        case .threads: "Stage2-Threads"
        case .async: "Stage3-Async"
        case .framing: "Stage4-Framing"
        case .codec: "Stage5-Codec"
        case .shutdown: "Stage6-Shutdown"
        }
    }

    /// How a message names its chapter of the workbook.
    var chapter: String {
        let page = "docs/\(name.dropFirst("Stage".count).lowercased()).md"
        return "chapter \(rawValue), \(page)"
    }

    /// How clients talk to it.
    var dialect: Dialect {
        switch self {
        case .sync, .async, .shutdown: .echo
        case .threads: .prefixed
        case .framing: .framed(.received)
        case .codec: .framed(.gotIt)
        }
    }

    /// The environment variable that puts another program in the stage's place.
    var variable: String { "STAGE\(rawValue)_SERVER" }

    /// The program to judge: the stage's own, or whatever the environment puts in its place.
    func program(in environment: [String: String] = ProcessInfo.processInfo.environment) -> Program
    {
        if let path = environment[variable], !path.isEmpty {
            // Relative to where the learner stands, not to where the tests happen to run.
            return Program(path: URL(fileURLWithPath: path).path, isForeign: true)
        }
        return ownProgram
    }

    /// The stage's own program.
    var ownProgram: Program {
        Program(path: Stage.products.appendingPathComponent(name).path, isForeign: false)
    }

    /// The folder into which the package's programs are built.
    static let products: URL = {
        #if canImport(Darwin)
            let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
            return (tests ?? .main).bundleURL.deletingLastPathComponent()
        #else
            return Bundle.main.bundleURL
        #endif
    }()

    /// The root of the package.
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// A server that can be started with a port as its argument.
struct Program: Sendable {
    /// Where it is.
    let path: String
    /// Whether it is a reader's own, of which only the wire is judged.
    let isForeign: Bool
}
