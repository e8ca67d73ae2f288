// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// A server with one fault, known to the reader by number only.
struct Mystery: Sendable {
    /// What is wrong with it.
    let fault: WrongServer.Fault
    /// How it is talked to.
    let dialect: Dialect

    /// All of them; the first has number 1.
    ///
    /// Looking up the answer should take an effort: a fault's name has its letters turned by 13.
    static let all: [Mystery] = [
        .named("arireNafjref", .framed(.received)), .named("jebatYratgu", .framed(.gotIt)),
        .named("pybfrfRneyl", .echo), .named("xrrcfGurQrfpevcgbe", .echo),
        .named("ybpxfJuvyrFraqvat", .prefixed),
    ].compactMap { $0 }

    /// The mystery of a number.
    static func numbered(_ number: Int) -> Mystery? {
        all.indices.contains(number - 1) ? all[number - 1] : nil
    }

    /// The mystery with a fault whose name has been turned; nil if there is no such fault.
    private static func named(_ name: String, _ dialect: Dialect) -> Mystery? {
        let turned = name.utf8.map { letter in
            let first: UInt8 = letter < 0x61 ? 0x41 : 0x61
            return first + (letter - first + 13) % 26
        }
        return WrongServer.Fault(rawValue: String(decoding: turned, as: UTF8.self))
            .map { Mystery(fault: $0, dialect: dialect) }
    }
}

/// Serves a mystery until Ctrl-C: `docs/workbook mystery 3`.
final class MysteryTests: XCTestCase {
    /// Listens, and does not return, if the environment names a mystery.
    func testMystery() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let number = environment["MYSTERY"], !number.isEmpty else { return }
        guard let mystery = Int(number).flatMap(Mystery.numbered) else {
            return XCTFail("There is no mystery \(number): 1 to \(Mystery.all.count).")
        }
        signal(SIGPIPE, SIG_IGN)
        let port = UInt16(environment["PORT"] ?? "") ?? 8080
        let server = try WrongServer(mystery.fault, mystery.dialect, port: port)
        let line = "Listening on 127.0.0.1:\(server.port)\nMystery \(number); Ctrl-C ends it.\n"
        FileHandle.standardOutput.write(Data(line.utf8))
        while true { pause() }
    }
}
