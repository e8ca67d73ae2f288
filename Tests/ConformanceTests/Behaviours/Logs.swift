// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What becomes of a server whose log nobody can take.
extension Behaviour {
    static let fullLogServes = Behaviour(
        family: .resources, title: "A log file that may grow no more stops nobody", chapter: .sync,
        hint: "Past its limit (ulimit -f), a file's write raises SIGXFSZ, which ends the process."
    ) { lab in
        let server = try lab.startWithFullLog()
        for _ in 0..<40 {
            let client = try lab.connect("a client", to: server)
            try lab.exchange(Array("hello".utf8), over: client)
            client.close()
        }
    }

    static let goneLog = Behaviour(
        family: .resources, title: "A log whose reader has gone stops nobody", chapter: .sync,
        hint: "A write into a pipe without a reader raises SIGPIPE, which ends the process."
    ) { lab in
        let server = try lab.server()
        server.stopReading(andClose: true)
        lab.timeline.add("whoever read the log has gone, as with `| head`", isTurn: true)
        for _ in 0..<10 {
            let client = try lab.connect("a client")
            try lab.exchange(Array("hello".utf8), over: client)
            client.close()
        }
    }

    static let unreadLog = Behaviour(
        family: .resources, title: "A log that nobody reads keeps nobody waiting",
        chapter: .shutdown,
        hint: "A write into a full pipe waits until somebody reads: a client's task must not do it."
    ) { lab in
        guard try lab.fillLog(of: lab.startForUnreadLog()) else { return }
        throw Deviation(Symptom.waitsForLog)
    }

    static let fullLogShutdown = Behaviour(
        family: .shutdown, title: "SIGTERM with a log that is full: farewell and exit status 0",
        chapter: .shutdown,
        hint: "A line that can't be written is no reason to leave a client untold."
    ) { lab in
        let server = try lab.startWithFullLog()
        let clients = try (0..<30).map { _ in try lab.connect("a client", to: server) }
        for client in clients.dropFirst() { client.close() }
        try lab.exchange(Array("hello".utf8), over: clients[0])
        lab.end(server, with: SIGTERM)
        try lab.expectFarewell(clients[0], server)
        clients[0].close()
        try lab.expectExit(server, within: 1.5)
    }

    static let unreadLogEnd = Behaviour(
        family: .shutdown, title: "SIGTERM while nobody reads the log: after 2 s it is over",
        chapter: .shutdown,
        hint:
            "A write into a full pipe waits for ever. Nothing that has to happen may stand behind it.",
        mostlyWaits: true
    ) { lab in
        let server = try lab.startWithUnreadLog()
        lab.end(server, with: SIGTERM)
        try lab.expectExit(server, within: 2.6)
    }

    static let unreadLogTwice = Behaviour(
        family: .shutdown, title: "… and a second signal ends it at once, with the log unread",
        chapter: .shutdown,
        hint: "What waits for the log must not be what hears the second signal.",
        mostlyWaits: true
    ) { lab in
        let server = try lab.startWithUnreadLog()
        lab.end(server, with: SIGTERM)
        if let end = server.waitForExit(by: Deadline(in: 0.7)), end != .signalled(SIGTERM) {
            throw Deviation(Symptom.outOfOrder, "  It \(end), though nobody has read its log.")
        }
        lab.end(server, with: SIGTERM)
        try lab.expectExit(server, status: .exited(128 + SIGTERM), within: 1)
    }

    static let closedStreams = Behaviour(
        family: .resources, title: "Started with streams closed, it sends no client its log",
        chapter: .sync,
        hint: "The next socket is given the lowest free number: that of standard output, perhaps."
    ) { lab in
        for redirections in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let server = try lab.startUnseen(redirections)
            let first = try lab.connect("client 1", to: server)
            try lab.exchange(Array("one".utf8), over: first)
            let second = try lab.connect("client 2", to: server)
            try second.send(lab.dialect.message(Array("two".utf8)))
            // Time for a line about the second to go astray.
            second.waitForData(0.05)
            try lab.exchange(Array("three".utf8), over: first)
            first.close()
            try lab.expect(lab.dialect.answer(to: Array("two".utf8)), from: second)
            second.close()
            lab.expectEnd(of: server)
            server.stop()
        }
    }
}

extension Lab {
    /// Starts a server whose log is a file that has no room for what is to come.
    fileprivate func startWithFullLog() throws -> Server {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        // The unit is 512 bytes or 1,024: either is a dozen lines.
        return try startUnseen(">>'\(file)' 2>&1", after: "ulimit -f 1;")
    }

    /// Starts a server whose log has hardly any room, and nobody reads it.
    fileprivate func startForUnreadLog() throws -> Server {
        let server = try start(in: Surroundings(hasSmallPipes: true))
        server.stopReading()
        timeline.add("nobody reads the log any more", isTurn: true)
        return server
    }

    /// Starts a server, and lets its log fill up the pipe that nobody reads.
    fileprivate func startWithUnreadLog() throws -> Server {
        let server = try startForUnreadLog()
        // A server whose log keeps nobody waiting will do: it has all those lines still to write.
        _ = try fillLog(of: server)
        server.fillUpOutput()
        return server
    }

    /// Lets clients come and go until one gets no answer; false if all do.
    fileprivate func fillLog(of server: Server) throws -> Bool {
        #if canImport(Darwin)
            let most = 1500  // 64 KiB, at some 60 bytes a client.
        #else
            let most = 200  // 4 KiB.
        #endif
        for number in 1...most {
            let client = try connect("a client", to: server)
            try? client.send(dialect.message(Array("hello".utf8)))
            let isAnswered = client.waitForData(0.4)
            client.close()
            if !isAnswered {
                timeline.add("client \(number) waits for an answer: the log is full", isTurn: true)
                return true
            }
        }
        return false
    }
}
