// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 3.9 Two directions.
enum Exercise3_9 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .anyClient, red: ClientProgram.noConnection, changes: Change.noServer)
}

extension Behaviour {
    /// Exercise 3.9: a client that sends and receives at the same time.
    fileprivate static let anyClient = Behaviour(
        family: .bytes, title: "A client shows what comes, whatever it is sending, and gives up",
        chapter: .async,
        hint: "Two tasks, one a direction. Which of them has to end for the client to end?"
    ) { lab in
        try lab.expectTwoDirections()
        try lab.expectEndWithOpenInput()
        try lab.expectMegabytes()
        try lab.expectImpatience()
        try lab.expectRefusalOfTheLoop()
    }
}

extension Lab {
    /// Expects a greeting to be shown before anything is typed, and answers of another length.
    fileprivate func expectTwoDirections() throws {
        let program = try ClientProgram(in: self)
        let server = try program.accepted()
        try server.send(Array("welcome\n".utf8))
        try program.expect(
            Array("welcome\n".utf8), orElse: "what comes is shown only after something was typed")
        program.type(Array("hello\n".utf8))
        try expect(Array("hello\n".utf8), from: server)
        program.endInput()
        try expectHalfClose(by: server)
        try server.send(Array("[echo] hel".utf8))
        letPass(0.2)
        try server.send(Array("lo\n".utf8))
        server.close()
        try program.expectEnd(with: 0, orElse: "the client does not end with its server")
        try program.expect(
            Array("welcome\n[echo] hello\n".utf8), orElse: "a part of the answer is not shown")
    }

    /// Expects the client to end with its server, though its input has not ended.
    fileprivate func expectEndWithOpenInput() throws {
        let program = try ClientProgram(in: self)
        program.type(Array("hello\n".utf8))
        let server = try program.accepted()
        try expect(Array("hello\n".utf8), from: server)
        try server.send(Array("Server shutting down\n".utf8))
        server.shutdownWrite()
        timeline.add("the client's input is still open")
        try program.expectEnd(
            with: 0, orElse: "the server has ended, and the client waits for its own input")
        try program.expect(
            Array("Server shutting down\n".utf8), orElse: "a part of the answer is not shown")
    }

    /// Expects a line for a user when nobody listens.
    fileprivate func expectRefusalOfTheLoop() throws {
        let program = try ClientProgram(in: self, isRefused: true)
        try program.expectEnd(
            with: 1, saying: "cannot connect", orElse: "it does not notice that nobody listens")
    }
}
