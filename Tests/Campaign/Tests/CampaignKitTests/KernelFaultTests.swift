// Tests of what lets a server's calls meet faults. SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import CampaignKit

/// That a fault that nothing has met doesn't pass for one that was survived.
final class KernelFaultTests: XCTestCase {
    /// Without a count there was no try, and the kinds of calls are named.
    func testWhatNothingMetWasNotTried() throws {
        let nowhere = URL(fileURLWithPath: "/nowhere")
        let interference = try Interference(.interrupted, library: nowhere)
        let violation = try XCTUnwrap(interference.violations(.async).first)
        XCTAssertEqual(violation.kind, .untried)
        XCTAssertEqual(violation.what, "no call met it of the kind accept, read, write, wait")
        XCTAssertEqual(
            try interference.violations(.threads).first?.what,
            "no call met it of the kind accept, read, write")
    }

    /// Counts are read from the places where the library puts them.
    func testCountsHaveTheirPlaces() throws {
        let interference = try Interference(.pieces, library: URL(fileURLWithPath: "/nowhere"))
        let path = try XCTUnwrap(interference.environment["KERNEL_FAULT_COUNTS"])
        let counts: [UInt64] = [0, 7, 300, 0]
        try counts.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
        XCTAssertEqual(
            try interference.counts(), [.accept: 0, .read: 7, .write: 300, .wait: 0])
        XCTAssertEqual(try interference.violations(.sync), [])
    }

    /// An accept error is explained by the fault that makes it, and by no other.
    func testWhatAFaultExplains() throws {
        let nowhere = URL(fileURLWithPath: "/nowhere")
        let files = try Interference(.files, library: nowhere)
        let memory = try Interference(.memory, library: nowhere)
        for line in [
            "Accept error: accept: Too many open files in system",
            "Accept error: accept(descriptor:): Too many open files in system (errno: 23)",
        ] {
            XCTAssertTrue(files.explains(line), line)
            XCTAssertFalse(memory.explains(line), line)
        }
        XCTAssertFalse(files.explains("Error from unknown: Too many open files in system"))
    }
}
