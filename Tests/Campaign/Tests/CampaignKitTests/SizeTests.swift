// Tests of what is held, and of what is said of it. SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import CampaignKit

/// That a held client sees what is wrong with its answer.
final class BystanderTests: XCTestCase {
    /// Connects a client to one that answers once with these bytes, then closes.
    private func converse(answer: String) throws -> Violation? {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                XCTAssertEqual(bind(listener, $0, size), 0)
                XCTAssertEqual(listen(listener, 1), 0)
                XCTAssertEqual(getsockname(listener, $0, &size), 0)
            }
        }
        let server = Thread {
            let client = accept(listener, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 64)
            _ = recv(client, &buffer, buffer.count, 0)
            _ = send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
        server.start()
        let port = UInt16(bigEndian: address.sin_port)
        return try Bystander(port: port, .echo).converse("hello")
    }

    /// The right answer is right.
    func testARightAnswer() throws {
        XCTAssertNil(try converse(answer: "hello"))
    }

    /// Another one isn't.
    func testAWrongAnswer() throws {
        XCTAssertEqual(try converse(answer: "help!")?.kind, .wrongBytes)
    }

    /// Half of one isn't either.
    func testHalfAnAnswer() throws {
        XCTAssertEqual(try converse(answer: "hel")?.kind, .lostBytes)
    }
}

/// That figures are told as they are.
final class SizeTests: XCTestCase {
    /// What a connection costs is the difference, shared out.
    func testTheCostOfAConnection() {
        var row = HoldRow(stage: "Stage3-Async", connections: 1_000, talking: 10)
        row.before.resident = 20 << 20
        row.during.resident = 20 << 20 + 1_000 * 6_144
        (row.before.threads, row.during.threads) = (3, 4)
        (row.after.threads, row.afterAsMany.threads) = (5, 6)
        XCTAssertEqual(row.bytesEach, 6_144)
        let words = Words.held(row)
        XCTAssertTrue(words.contains("twice 1,000 connections"), words)
        XCTAssertTrue(words.contains("costs 6.0 KiB"), words)
        XCTAssertTrue(words.contains("3, 4, 5 and 6 threads"), words)
    }

    /// Mappings are counted to the last one, however many there are.
    func testMappingsAreCountedToTheLast() {
        let before = Usage.of(getpid()).mappings
        let size = 400 * 4_096
        let block = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        defer { munmap(block, size) }
        // Every other page with other rights, so that no two can share a mapping.
        for page in stride(from: 0, to: 400, by: 2) {
            XCTAssertEqual(mprotect(block?.advanced(by: page * 4_096), 4_096, PROT_NONE), 0)
        }
        XCTAssertGreaterThan(Usage.of(getpid()).mappings, before + 390)
    }

    /// Who asks for more descriptors than there can be is told how many there can be.
    func testTooManyDescriptors() {
        XCTAssertNoThrow(try Sockets.needDescriptors(10))
        XCTAssertThrowsError(try Sockets.needDescriptors(.max)) { error in
            XCTAssertTrue("\(error)".contains("this system allows"), "\(error)")
        }
    }
}
