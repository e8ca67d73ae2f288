// SPDX-License-Identifier: Apache-2.0

import XCTest

/// What becomes of a stage when the kernel's accept fails; without strace, there is nothing to see.
final class AcceptFaultTests: XCTestCase {
    /// An error of one client, gone before it was accepted, is no reason for a pause.
    func testAbortedConnectionsPauseNobody() throws {
        for stage in Stage.allCases {
            let server = try start(stage, failing: "ECONNABORTED", when: "2+2")
            defer { server.stop() }
            let time = try seconds {
                for _ in 0..<40 { try exchange(with: server, stage) }
            }
            // A pause of 0.1 s for each of them would make it 4 s.
            XCTAssertLessThan(
                time, 2,
                "\(stage.name): every second accept fails with ECONNABORTED, and 40 clients wait.")
        }
    }

    /// Stages 1 and 2 call accept again; SwiftNIO has closed the listener by then.
    func testAListenerThatIsLostIsNamedAndEndsTheProcess() throws {
        for stage in Stage.allCases {
            let server = try start(stage, failing: "EPROTO", when: "2")
            defer { server.stop() }
            // Accepted or not: what fails is the call behind it, or the first that waits.
            let client = try Client(to: server.port, timeline: Timeline())
            defer { client.close() }
            client.shutdownWrite()
            let isSaid = server.waitForError { $0.contains("Accept error") } != nil
            XCTAssertTrue(isSaid, "\(stage.name): accept fails with EPROTO, and no line says so.")
            if stage == .sync || stage == .threads {
                try exchange(with: server, stage)
                continue
            }
            let status = server.waitForExit(by: Deadline(in: 4))
            XCTAssertEqual(
                status, .exited(1), "\(stage.name) lives on without a listener, or ends as if well."
            )
            // Not always the last line: the client's own end may be said after it.
            XCTAssertTrue(
                server.allErrors.contains("Server stopped: the listener has closed by itself."),
                "\(stage.name) doesn't say why it ends, but: \(server.allErrors)")
        }
    }

    /// Starts a stage whose calls of accept fail with an error, some of them.
    private func start(_ stage: Stage, failing error: String, when: String) throws -> Server {
        guard let tracer = Strace.failingAccept(error, when: when) else {
            throw XCTSkip("strace is not installed, or may not trace here")
        }
        return try Server.listening(stage.ownProgram, in: Surroundings(tracer: tracer))
    }

    /// One client comes, is answered, and goes.
    private func exchange(with server: Server, _ stage: Stage) throws {
        let client = try Client(to: server.port, timeline: Timeline())
        defer { client.close() }
        let hello = Array("hello".utf8)
        try client.send(stage.dialect.message(hello))
        let answer = stage.dialect.answer(to: hello)
        XCTAssertEqual(
            client.receive(expecting: answer).bytes, answer, "\(stage.name) does not answer.")
    }
}
