// The load against servers whose behaviour is known exactly. SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import BenchKit

/// Checks what the load counts and times.
final class LoadTests: XCTestCase {
    /// A load of a few clients.
    private func load(
        _ extent: Load.Extent, of message: Message = Message(size: 64), clients: Int = 3
    ) -> Load {
        Load(clients: clients, message: message, extent: extent, threads: 2)
    }

    /// As many messages as were asked for: not one more or less, by the server's own count.
    func testCountsEveryMessage() throws {
        let server = try TestServer()
        let outcome = try load(.requests(7)).run(port: server.port)
        XCTAssertEqual(outcome.messages, 21)
        XCTAssertEqual(outcome.latency.totalCount, 21)
        XCTAssertEqual(server.bytes, 21 * 64)
    }

    /// Frames count one by one, their latency is that of what is sent at once.
    func testCountsFrames() throws {
        let server = try TestServer()
        let message = Message(size: 256, frames: 16)
        let outcome = try load(.requests(2), of: message).run(port: server.port)
        XCTAssertEqual(outcome.messages, 3 * 2 * 16)
        XCTAssertEqual(outcome.latency.totalCount, 6)
        XCTAssertEqual(server.bytes, 3 * 2 * 16 * 260)
    }

    /// Messages that no socket takes in one go come back whole.
    func testLongMessages() throws {
        let server = try TestServer()
        let message = Message(size: 8 << 20)
        let outcome = try load(.requests(2), of: message, clients: 2).run(port: server.port)
        XCTAssertEqual(outcome.messages, 4)
        XCTAssertEqual(server.bytes, 4 * (8 << 20))
    }

    /// A server that takes 20 ms for an answer is measured to take 20 ms, and to answer 50 a second.
    func testMeasuresAKnownDelay() throws {
        let delay = 0.02
        let server = try TestServer(delay: delay)
        var observed = 0
        let outcome = try load(.time(1, warmUp: 0.1)).run(port: server.port) { observed += 1 }
        XCTAssertEqual(observed, 2)
        XCTAssertEqual(outcome.seconds, 1)
        let p50 = Double(outcome.latency.valueAtPercentile(50)) / 1e9
        XCTAssertGreaterThanOrEqual(p50, delay * 0.999)
        // What is slower than the delay is this machine, which may be busy. It can't be faster.
        XCTAssertLessThanOrEqual(outcome.messages, 3 * 51)
        XCTAssertEqual(Double(outcome.messages), 3 / p50, accuracy: 3 / p50 * 0.5)
    }

    /// What the server writes besides the answer, as stage 2's prefix, is no answer.
    func testIgnoresWhatIsNotAnAnswer() throws {
        let server = try TestServer(prefix: "[echo] ")
        let outcome = try load(.requests(5)).run(port: server.port)
        XCTAssertEqual(outcome.messages, 15)
    }

    /// An answer that is too long is an error, not a rate.
    func testNoticesWhatIsTooMuch() throws {
        let server = try TestServer(prefix: "~")
        XCTAssertThrowsError(try load(.requests(1)).run(port: server.port)) {
            XCTAssertEqual("\($0)", "the server has sent more than it was sent")
        }
    }

    /// A server that closes is an error, not a rate.
    func testNoticesAServerThatCloses() throws {
        let server = try TestServer(answers: false)
        XCTAssertThrowsError(try load(.requests(1)).run(port: server.port))
    }

    /// Processor time and memory are the operating system's, of the process that is asked about.
    func testUsage() throws {
        let before = try Usage.of(getpid())
        let clock = Clock.nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID)
        while Clock.nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) < clock + 100_000_000 {}
        let block = [UInt8](repeating: 1, count: 32 << 20)
        let after = try Usage.of(getpid())
        withExtendedLifetime(block) {}
        XCTAssertGreaterThanOrEqual(after.cpu - before.cpu, 0.1)
        XCTAssertLessThan(after.cpu - before.cpu, 1)
        XCTAssertGreaterThan(after.resident, Double(32 << 20))
        XCTAssertGreaterThanOrEqual(after.virtual, after.resident)
        XCTAssertGreaterThanOrEqual(after.threads, 1)
    }

    /// A program that does not listen is a failure, soon.
    func testProgramThatDoesNotListen() {
        XCTAssertThrowsError(try Server.start(Program(name: "true", command: ["/usr/bin/true"])))
    }
}
