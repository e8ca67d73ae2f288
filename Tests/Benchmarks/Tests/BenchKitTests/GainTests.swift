// Memory that a server gains under load. SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import BenchKit

/// Checks that a leak is measured as large as it is, and marked.
final class GainTests: XCTestCase {
    /// A row whose rounds have gained so many megabytes.
    private func row(_ rounds: [Double]) throws -> Finding.Row {
        let counter = Counter()
        let gains = Case(group: "64 B x 50", name: "server") {
            [(.rate, 1000), (.gained, rounds[Int(counter.next()) - 1])]
        }
        let experiment = Experiment(name: "test", question: "", cases: [gains])
        return try experiment.run(rounds: rounds.count) { _ in }.rows[0]
    }

    /// The difference, in megabytes; memory that was given back counts as less than nothing.
    func testDifference() {
        let (less, more) = (Usage(resident: 10_000_000), Usage(resident: 12_500_000))
        XCTAssertEqual(Gain(from: less, to: more).megabytes, 2.5)
        XCTAssertEqual(Gain(from: more, to: less).megabytes, -2.5)
    }

    /// What stays within the bound is no fault, up to the bound itself.
    func testWithinTheBound() throws {
        XCTAssertNil(try row([0, -3, Gain.most]).failure)
        XCTAssertNil(Gain.complaint(about: []))
        XCTAssertNil(Gain.complaint(about: [[(.rate, 1e9)]]))
    }

    /// One round beyond the bound marks the row, whose figures are shown all the same.
    func testBeyondTheBound() throws {
        let row = try row([0.1, 8.01, 0.2])
        XCTAssertEqual(
            row.failure, "gained 8.01 MB of memory under load, at most 8.00 are no leak")
        XCTAssertEqual(row.summaries["MB gained"]?.values, [0.1, 8.01, 0.2])
        XCTAssertEqual(row.summaries["messages/s"]?.median, 1000)
    }

    /// A server that leaves 2,000 bytes a message is measured to gain them, and one that doesn't, not.
    func testMeasuresAKnownLeak() throws {
        let here = URL(fileURLWithPath: ".")
        let bench = Bench(stages: here, peers: here, root: here)
        let messages = 10_000
        func gain(_ leak: Int) throws -> Double? {
            let server = try TestServer(leak: leak)
            let sample = try bench.growth(
                of: getpid(), port: server.port, clients: 5, Message(size: 64), messages: messages)
            XCTAssertEqual(server.bytes, 64 * messages * 11 / 10)
            return sample.first { $0.metric == .gained }?.value
        }
        let leaking = try XCTUnwrap(gain(2000))
        XCTAssertEqual(leaking, 20, accuracy: 5)
        XCTAssertGreaterThan(leaking, Gain.most)
        XCTAssertLessThan(try XCTUnwrap(gain(0)), Gain.most)
    }
}
