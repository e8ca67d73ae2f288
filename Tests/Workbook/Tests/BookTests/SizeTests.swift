// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// What is too long is not read: no file over 300 lines, no function over 40, tests included.
final class SizeTests: XCTestCase {
    private static let package = URL(filePath: #filePath).appending(path: "../../../../..")
        .standardized

    /// The folders that keep to it.
    private static let folders = ["Tests/ConformanceTests"]

    func testAFileHasAtMost300Lines() throws {
        try forEachFile { name, lines in
            XCTAssertLessThanOrEqual(lines.count, 300, name)
        }
    }

    func testAFunctionHasAtMost40Lines() throws {
        try forEachFile { name, lines in
            for (number, line) in lines.enumerated() {
                guard let length = Self.length(of: lines[number...]) else { continue }
                XCTAssertLessThanOrEqual(length, 40, "\(name):\(number + 1): \(line)")
            }
        }
    }

    /// The rule itself finds what it is to find.
    func testALongFunctionIsFound() {
        let body = (1...39).map { "        print(\($0))" }
        let function =
            ["    private static func long(", "        _ x: Int", "    ) {"] + body + ["    }"]
        XCTAssertEqual(Self.length(of: function[...]), 43)
        let behaviour = ["    static let it = Behaviour(", "    ) { lab in"] + body + ["    }"]
        XCTAssertEqual(Self.length(of: behaviour[...]), 42)
        XCTAssertNil(Self.length(of: ["    /// A func that is only told of", "    let x = 1"]))
        XCTAssertNil(Self.length(of: ["    func short() -> Int { 1 }", "", "    let x = 1"]))
    }

    /// How many lines a function has, or a behaviour with its steps, that begins with the first.
    private static func length(of lines: ArraySlice<String>) -> Int? {
        let beginning = #"^ *([a-z@]+ )*(func |init[?(]|let \w+ = Behaviour\()"#
        guard let first = lines.first,
            first.range(of: beginning, options: .regularExpression) != nil
        else { return nil }
        let indent = first.prefix { $0 == " " }
        // Its last line stands where the first does, and so does one that only ends the parameters.
        for (number, line) in lines.enumerated().dropFirst() {
            if line.hasPrefix(indent + "}") { return number + 1 }
            let isInside =
                line.isEmpty || line.hasPrefix(indent + " ") || line.hasPrefix(indent + ")")
            if !isInside { return nil }
        }
        return nil
    }

    private func forEachFile(_ body: (String, [String]) throws -> Void) throws {
        var count = 0
        for folder in Self.folders {
            let root = Self.package.appending(path: folder)
            let files = FileManager.default.enumerator(atPath: root.path)
            for case let file as String in files ?? .init() where file.hasSuffix(".swift") {
                let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
                try body("\(folder)/\(file)", text.components(separatedBy: "\n").dropLast())
                count += 1
            }
        }
        XCTAssertGreaterThan(count, 20, "the sources were not found")
    }
}
