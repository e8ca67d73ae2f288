// The arithmetic of the report, on numbers whose result is known. SPDX-License-Identifier: Apache-2.0

import XCTest

@testable import BenchKit

/// Checks medians, spreads and ratios.
final class StatisticsTests: XCTestCase {
    /// The middle of an odd number of values, in any order.
    func testMedianOfThree() {
        XCTAssertEqual(Summary.median(of: [9, 1, 2]), 2)
    }

    /// The mean of the two in the middle of an even number.
    func testMedianOfFour() {
        XCTAssertEqual(Summary.median(of: [4, 1, 2, 100]), 3)
    }

    /// The spread is the least and the greatest value, and values keep their order.
    func testSpread() {
        let summary = Summary([3, 1, 2])
        XCTAssertEqual(summary.values, [3, 1, 2])
        XCTAssertEqual([summary.least, summary.median, summary.greatest], [1, 2, 3])
        XCTAssertNil(summary.ratio)
    }

    /// What others take of the machine is all that isn't idle, the host's other guests included.
    func testMachineCPU() {
        let ticks = "cpu  100 20 3 9999 888 40 5 600 100 20\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
        let seconds = 768 / Double(sysconf(CInt(_SC_CLK_TCK)))
        XCTAssertEqual(Usage.machineCPU(in: ticks), seconds)
        XCTAssertNil(Usage.machineCPU(in: "cpu  100 20 3"))
        XCTAssertNil(Usage.machineCPU(in: ""))
    }

    /// A machine that is ten times as slow for one round does not change the ratio.
    func testRatioIsTakenWithinARound() {
        let base: [Double] = [100, 10, 100]
        XCTAssertEqual(Summary([50, 5, 50], base: base).ratio, 0.5)
    }

    /// Rows take turns, round by round, and are compared with the first of their group.
    func testRounds() throws {
        let counter = Counter()
        func row(_ group: String, _ name: String, _ factor: Double) -> Case {
            Case(group: group, name: name) { [(.rate, factor * counter.next())] }
        }
        let cases = [row("a", "base", 1), row("a", "twice", 2), row("b", "base", 1)]
        let experiment = Experiment(name: "test", question: "", cases: cases)
        var order: [String] = []
        let finding = try experiment.run(rounds: 2) { order.append($0) }
        XCTAssertEqual(
            order,
            [
                "test: a, base, round 1", "test: a, twice, round 1", "test: a, base, round 2",
                "test: a, twice, round 2", "test: b, base, round 1", "test: b, base, round 2",
            ])
        XCTAssertEqual(finding.rows[1].summaries["messages/s"]?.values, [4, 8])
        XCTAssertEqual(finding.rows[1].summaries["messages/s"]?.ratio, (4.0 / 1 + 8.0 / 3) / 2)
        XCTAssertNil(finding.rows[2].summaries["messages/s"]?.ratio)
    }

    /// A row that fails says why, and is not tried again; the others are measured.
    func testFailure() throws {
        let experiment = Experiment(
            name: "test", question: "",
            cases: [
                Case(group: "a", name: "broken") { throw Failure("no luck") },
                Case(group: "a", name: "sound") { [(.rate, 1)] },
            ])
        var steps = 0
        let finding = try experiment.run(rounds: 3) { _ in steps += 1 }
        XCTAssertEqual(steps, 4)
        XCTAssertEqual(finding.rows[0].failure, "no luck")
        XCTAssertEqual(finding.rows[1].summaries["messages/s"]?.values, [1, 1, 1])
    }

    /// The table of `strace -c`, whose rows have a column of errors or not.
    func testSystemCallTable() {
        let table = """
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
             60.00    0.000600           6       100           sendto
             40.00    0.000400           4        99         3 recvfrom
            ------ ----------- ----------- --------- --------- ----------------
            100.00    0.001000           5       199         3 total
            """
        XCTAssertEqual(
            Bench.callCounts(table), ["sendto": 100, "recvfrom": 99, "total": 199])
    }

    /// A server on the command line: a name, a command, and the word PORT or not.
    func testServerOption() {
        let program = Program("shell=/bin/sh -c x PORT")
        XCTAssertEqual(program?.name, "shell")
        XCTAssertEqual(program?.command, ["/bin/sh", "-c", "x"])
        XCTAssertEqual(Program("shell=sh -c x")?.command.dropFirst(), ["-c", "x"])
        XCTAssertNil(Program("/bin/sh"))
        XCTAssertNil(Program("a=/no/such/program"))
    }
}
