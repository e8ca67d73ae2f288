// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Lab {
    /// Has all of them say hello, and expects that each is answered.
    func serveAll(_ clients: [Client], else symptom: String) throws {
        var answered = 0
        do {
            for client in clients { try client.send(dialect.message(Array("hello".utf8))) }
            for client in clients {
                try expectAnswer("hello", from: client)
                answered += 1
            }
        } catch {
            let reason = (error as? Deviation)?.symptom ?? "\(error)"
            answered += clients.dropFirst(answered + 1).filter { $0.waitForData(0) }.count
            throw Deviation(
                symptom, "  \(answered) of \(clients.count) are answered. Another one: \(reason).")
        }
    }

    /// Expects that whoever has shut its write side reads the end at once, not when a timer ends.
    func expectPromptEnd() throws {
        let polite = try connect("the polite client")
        try talk("goodbye", over: polite)
        polite.shutdownWrite()
        if polite.waitForData(1) { return try expect([], thenEndOf: polite) }
        throw Deviation(
            "who has shut its write side is shown out late",
            """
              It reads no end of stream within 1 s. The channel tells of a half-close by an event
              (ChannelEvent.inputClosed), on the same way as the timer tells of its own: a handler that
              does not pass on what is not for it swallows that one, too.
            """)
    }

    /// Expects that clients that have gone leave nothing to do, and no timer that holds on to them.
    func leavesNoTimer() throws {
        let server = try server()
        let before = server.openDescriptors
        let hint = "A timer has to go when its client does: cancel it in channelInactive."
        try expectForgotten("who has gone is kept until its timer goes off", hint: hint) { client in
            try talk("hello", over: client)
        }
        _ = Deadline().wait { server.openDescriptors <= before }
        try expectIdle(server, else: "clients that have gone keep the server busy")
    }

    /// Expects that nothing in the stage's code matches; another program's is unknown.
    func expectNo(_ pattern: String, _ symptom: String) throws {
        guard !program.isForeign else { return }
        let found = Stage.async.code.flatMap { file in
            file.text.split(separator: "\n")
                .filter { $0.range(of: pattern, options: .regularExpression) != nil }
                .map { "  \(file.name): \($0.trimmingCharacters(in: .whitespaces))" }
        }
        guard found.isEmpty else {
            throw Deviation(symptom, found.prefix(6).joined(separator: "\n"))
        }
    }

    /// Expects that `echo` is still a function that waits, and so that tasks serve the clients.
    func expectTasks() throws {
        let isThere = Stage.async.code.contains {
            $0.text.range(of: #"\bfunc +echo\b[^{]*\basync\b"#, options: .regularExpression) != nil
        }
        guard isThere || program.isForeign else {
            throw Deviation(
                "no task serves the clients",
                "  A function that begins with func echo(, and is async, was expected.")
        }
    }
}
