// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 1.7 The other end.
enum Exercise1_7 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .echoClient, red: ClientProgram.noConnection, changes: Change.noServer)
}

extension Change {
    /// The stage is a client: no row of the matrix is about it.
    static let noServer = Behaviour.Family.allCases.map { Change($0, .doesNotApply("a client")) }
}

extension Behaviour {
    /// Exercise 1.7: a client of the echo.
    fileprivate static let echoClient = Behaviour(
        family: .bytes, title: "A client of the echo sends, receives, ends, and gives up",
        chapter: .sync,
        hint: "Two sides, each of which may end, fall silent or cut as it likes: docs/client.md"
    ) { lab in
        try lab.expectConversation()
        try lab.expectRefusal()
        try lab.expectMegabytes()
        try lab.expectImpatience()
        try lab.expectEarlyEnd()
    }
}

extension Lab {
    /// Expects a word to be sent, and its answer to be shown, which comes in two pieces.
    fileprivate func expectConversation() throws {
        let program = try ClientProgram(in: self)
        program.type(Array("hello\n".utf8))
        let server = try program.accepted()
        try expect(Array("hello\n".utf8), from: server)
        try server.send(Array("hel".utf8))
        letPass(0.2)
        try server.send(Array("lo\n".utf8))
        try program.expect(
            Array("hello\n".utf8), orElse: "a part of the answer is not shown",
            orElseIfNothing: "nothing is shown before its input has ended")
        program.endInput()
        try expectHalfClose(by: server)
        server.close()
        try program.expectEnd(with: 0, orElse: "the client does not end with its server")
        try program.expect(Array("hello\n".utf8), orElse: "something else is shown")
    }

    /// Expects a line for a user when nobody listens.
    fileprivate func expectRefusal() throws {
        let program = try ClientProgram(in: self, isRefused: true)
        try program.expectEnd(
            with: 1, saying: "Connection refused", orElse: "it does not notice that nobody listens")
    }

    /// Expects 8 MiB to come back through a server that has little room.
    func expectMegabytes() throws {
        let program = try ClientProgram(in: self)
        var random = SeededGenerator(17)
        let bytes = (0..<128).flatMap { [part = random.bytes(65_536)] _ in part }
        inBackground {
            program.type(bytes)
            program.endInput()
        }
        let server = try program.accepted()
        timeline.add("the server sends back what it reads, and reads no more until that has gone")
        echo(over: server)
        try program.expectEnd(
            with: 0, orElse: "it sends, and nobody reads what comes back", within: 10)
        try program.expect(bytes, orElse: "a part of the answer is not shown")
    }

    /// Sends back what comes, until it ends or nothing moves for 3 s.
    private func echo(over server: Client) {
        while true {
            let (bytes, end) = server.receive(by: Deadline(in: 3))
            guard end == nil else { return server.shutdownWrite() }
            guard (try? server.send(bytes, by: Deadline(in: 3))) != nil else { return }
        }
    }

    /// Expects a client to give up on a server that says nothing.
    func expectImpatience() throws {
        let program = try ClientProgram(in: self)
        program.type(Array("hello\n".utf8))
        let server = try program.accepted()
        program.endInput()
        try expect(Array("hello\n".utf8), from: server)
        timeline.add("the server says nothing")
        let time = try seconds {
            try program.expectEnd(
                with: 1, saying: "no answer", orElse: "it waits for a silent server for ever")
        }
        if time < 1.5 {
            throw Deviation(
                "it gives up too early", String(format: "  after %.1f s; it was to be 2 s", time))
        }
    }

    /// Expects that half an answer is not taken for a whole one.
    fileprivate func expectEarlyEnd() throws {
        let program = try ClientProgram(in: self)
        program.type(Array("hello\n".utf8))
        let server = try program.accepted()
        try expect(Array("hello\n".utf8), from: server)
        try server.send(Array("hel".utf8))
        server.shutdownWrite()
        try program.expectEnd(
            with: 1, saying: "too early", orElse: "it waits for more, though the stream has ended")
    }

    /// Expects that the client shuts its write side, now that its input has ended.
    func expectHalfClose(by server: Client) throws {
        let (bytes, end) = server.receiveToEnd(by: Deadline(in: 1.5))
        guard end == .timeout else {
            return try compare([], bytes, end == .endOfStream ? nil : end)
        }
        throw Deviation(
            "it never shuts its write side",
            "  Its input has ended, and the server reads no end of stream: it waits for more.")
    }
}
