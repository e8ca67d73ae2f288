// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The file with a stage's test class, made from the table: a method for every row that applies.
///
/// XCTest finds methods, not tables: so that `--filter` can name a row, each has one.
struct StageFile {
    /// The stage.
    let stage: Stage

    /// The name of the test class.
    var className: String { stage.name.replacing("-", with: "") + "Tests" }

    /// Where the file is.
    var url: URL {
        Stage.package.appendingPathComponent("Tests/ConformanceTests/Stages/\(className).swift")
    }

    /// What the file has to be.
    var text: String {
        let methods = zip(Row.all, StageFile.names).filter { $0.0.applies(to: stage) }.map {
            "    func \(StageFile.test($0.1))() { check(.\($0.1), .\(stage)) }\n"
        }
        return """
            // SPDX-License-Identifier: Apache-2.0
            // Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

            import XCTest

            /// What \(stage.name) promises, and what it is declared to do instead.
            final class \(className): XCTestCase {
            \(methods.joined())
                override class func setUp() { StageRun.begin(.\(stage)) }
                override class func tearDown() { StageRun.end(.\(stage)) }
            }

            """
    }

    /// The lines that the file lacks, and those that it has and shouldn't.
    var differences: [String] {
        let found = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        let (old, new) = (found.components(separatedBy: "\n"), text.components(separatedBy: "\n"))
        return new.filter { !old.contains($0) }.map { "  missing:  \($0)" }
            + old.filter { !new.contains($0) }.map { "  too many: \($0)" }
    }

    /// The name of a row's method.
    static func test(of row: Row) -> String? {
        zip(Row.all, names).first { $0.0.behaviour.title == row.behaviour.title }
            .map { test($0.1) }
    }

    private static func test(_ name: String) -> String {
        "test" + name.prefix(1).uppercased() + name.dropFirst()
    }

    /// The names of the table's behaviours, in its order: only the source knows them.
    static let names: [String] = {
        let table = Stage.package.appendingPathComponent(
            "Tests/ConformanceTests/Matrix/Declarations.swift")
        let text = (try? String(contentsOf: table, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^ +Row\(\.(\w+),/).map { String($0.1) }
        }
    }()
}
