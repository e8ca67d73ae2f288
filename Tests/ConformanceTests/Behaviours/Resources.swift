// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the server needs from the system, and what it says on the console.
extension Behaviour {
    static let descriptorsComeBack = Behaviour(
        family: .resources,
        title: "Out of descriptors: who is connected is served, who waits is accepted later",
        chapter: .threads,
        hint:
            "accept fails with EMFILE and leaves the client in the queue: try again a little later."
    ) { lab in
        try lab.exhaust { _, accepted, waiting in
            for client in accepted { try lab.exchange(Array("still here".utf8), over: client) }
            for client in accepted { client.close() }
            lab.timeline.add("those who were accepted close")
            let answer = lab.dialect.answer(to: Array("hello".utf8))
            for client in waiting { try lab.expect(answer, from: client) }
        }
    }

    static let descriptorsDontSpin = Behaviour(
        family: .resources, title: "… and accepting pauses meanwhile, instead of spinning",
        chapter: .shutdown,
        hint:
            "While a client waits, the listener stays readable: don't try again without a pause.",
        mostlyWaits: true
    ) { lab in
        try lab.exhaust { server, _, _ in
            // SwiftNIO's own pause lasts a second, of which half has passed.
            letPass(0.7)
            // It does not spin all the time: no moment may be busy.
            try lab.expectIdle(server, else: Symptom.spins, moments: 3, forgiven: 0)
        }
    }

    static let acceptQueue = Behaviour(
        family: .resources,
        title: "300 clients can connect while the server is busy with another", chapter: .sync,
        hint: "listen(2) says how many connections the kernel completes before accept is called."
    ) { lab in
        let first = try lab.connect("client 1")
        try lab.exchange(Array("first".utf8), over: first)
        let clients = try (0..<300).map { _ in try lab.connect("a client", blocking: false) }
        let deadline = Deadline(in: 0.5)
        let count = clients.filter { $0.isConnected(by: deadline) }.count
        for client in clients + [first] { client.close() }
        guard count == 300 else {
            throw Deviation(
                Symptom.queueFull,
                "  \(count) of 300 could connect while nobody was accepted.")
        }
    }

    static let portTaken = Behaviour(
        family: .resources, title: "A port that is taken is reported in one line, exit status 1",
        chapter: .sync, hint: "Catch the error of bind(2) and say it in the system's words.",
        side: .console
    ) { lab in
        let port = try lab.server().port
        let second = try lab.launch(["\(port)"])
        lab.timeline.add("a second server is started on the same port")
        lab.expectEnd(of: second)
        let status = second.waitForExit()
        let line = "cannot listen on 127.0.0.1:\(port): Address already in use"
        guard status == .exited(1), second.allErrors == [line] else {
            throw Deviation(
                Symptom.otherReport,
                "  expected: \(line)\n  received: \(second.allErrors.joined(separator: "\n  "))"
                    + "\n  The process \(status?.description ?? "did not end").")
        }
    }

    static let badArguments = Behaviour(
        family: .resources, title: "A bad argument brings a usage line, exit status 64",
        chapter: .sync, hint: "UInt16(text) takes \"+80\" for a number. Look at the digits.",
        side: .console
    ) { lab in
        let cases = [["x"], ["-1"], ["65536"], ["80", "81"], ["+80"], [""], ["８０"], ["1e3"]]
        for arguments in cases {
            let server = try lab.launch(arguments)
            lab.timeline.add("the server is started with the arguments \(arguments)")
            lab.expectEnd(of: server)
            let status = server.waitForExit()
            guard status == .exited(64), server.allErrors.first?.hasPrefix("usage: ") == true else {
                throw Deviation(
                    Symptom.notRefused,
                    "  The process \(status?.description ?? "did not end").")
            }
        }
    }

    static let restart = Behaviour(
        family: .resources, title: "A restart right after a run with open connections binds",
        chapter: .sync,
        hint: "SO_REUSEADDR, before bind: the old connections still hold the port (TIME_WAIT)."
    ) { lab in
        let first = try lab.server()
        let port = first.port
        // Answered, so that nothing is unread: the server's end would be a reset, and leave no trace.
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        lab.expectEnd(of: first)
        first.stop()
        lab.timeline.add("the server is ended, and started again on the same port")
        let second = try lab.launch(["\(port)"])
        guard second.waitForPort() else {
            throw Deviation(
                Symptom.portStillTaken,
                second.allErrors.map { "  \($0)" }.joined(separator: "\n"))
        }
    }

    static let loopbackOnly = Behaviour(
        family: .resources, title: "It listens on 127.0.0.1 only", chapter: .sync,
        hint: "0.0.0.0 would let in whoever can reach the machine.", side: .console
    ) { lab in
        let port = try lab.server().port
        let client = try? Client(
            to: port, at: 0x7f00_0002, timeline: lab.timeline, blocking: false)
        if client?.isConnected(by: Deadline(in: 0.3)) == true {
            throw Deviation(Symptom.otherAddress)
        }
    }

    static let listeningLine = Behaviour(
        family: .resources, title: "The listening line arrives at once, even through a pipe",
        chapter: .sync, hint: "Into a pipe, print keeps its text until a buffer is full: flush it.",
        side: .console
    ) { lab in
        let server = try lab.server()
        let line = "Listening on 127.0.0.1:\(server.port)"
        guard server.allOutput.first == line else {
            throw Deviation(Symptom.otherFirstLine, "  \(server.allOutput.first ?? "")")
        }
    }

    static let logLines = Behaviour(
        family: .resources, title: "The log says who connects and who leaves", chapter: .sync,
        hint: "Disconnected is logged after an error, too.", side: .console
    ) { lab in
        let server = try lab.server()
        for ending in [Client.close, Client.reset] {
            let client = try lab.connect()
            try lab.exchange(Array("hello".utf8), over: client)
            let address = client.address
            ending(client)()
            for word in ["Connected", "Disconnected"] {
                let line = "\(word): \(address)"
                if server.waitForOutput(where: { $0 == line }) == nil {
                    throw Deviation(Symptom.lineMissing, "  expected: \(line)")
                }
            }
        }
    }

    static let loggedText = Behaviour(
        family: .resources,
        title: "The log shows what clients say: 80 characters, none that a terminal obeys",
        chapter: .threads,
        hint: "ESC, U+009B and U+202E change what a terminal shows: escape control and format.",
        side: .console
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        try lab.exchange(Array("say \"hi\"\n".utf8), over: client)
        try lab.exchange(Array("\u{1b}[2J\u{9b}2J\u{202e}é\0".utf8), over: client)
        try lab.exchange([UInt8](repeating: 0x61, count: 200), over: client)
        let expected = [
            "From \(client.address): \"say \\\"hi\\\"\\n\"",
            "From \(client.address): \"\\u{1B}[2J\\u{9B}2J\\u{202E}é\\u{0}\"",
            "From \(client.address): \"\(String(repeating: "a", count: 80))\"…",
        ]
        for line in expected where server.waitForOutput(where: { $0 == line }) == nil {
            let lines = server.allOutput.filter { $0.hasPrefix("From") }
            throw Deviation(
                Symptom.otherLines,
                "  expected: \(line)\n  received: \(lines.map(\.debugDescription).joined(separator: "\n            "))"
            )
        }
    }
}

extension Lab {
    /// Connects more clients than the server can have descriptors for, and hands out both kinds.
    fileprivate func exhaust(
        _ body: (_ server: Server, _ accepted: [Client], _ waiting: [Client]) throws -> Void
    ) throws {
        let idle = try server()
        try exchange(Array("hello".utf8), over: try connect("an earlier client"))
        let server = try start(descriptors: idle.openDescriptors + 11)
        timeline.add("the server may open about a dozen descriptors more than it has")
        let hello = Array("hello".utf8)
        let clients = try (0..<20).map { _ in try connect("a client", to: server) }
        for client in clients { try client.send(dialect.message(hello)) }
        // The first is answered at once; who isn't half a second later waits in the queue.
        try expect(dialect.answer(to: hello), from: clients[0])
        let deadline = Deadline(in: 0.5)
        var accepted = [clients[0]]
        var waiting: [Client] = []
        for client in clients.dropFirst() {
            if client.waitForData(Double(deadline.milliseconds) / 1000) {
                try expect(dialect.answer(to: hello), from: client)
                accepted.append(client)
            } else {
                waiting.append(client)
            }
        }
        timeline.add("\(accepted.count) of 20 clients are answered, \(waiting.count) wait")
        guard !waiting.isEmpty else { throw Deviation(Symptom.neverRunOut) }
        try body(server, accepted, waiting)
    }
}
