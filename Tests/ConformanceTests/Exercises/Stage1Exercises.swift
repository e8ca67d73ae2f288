// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Exercise {
    /// The exercises of docs/exercises/stage1.md.
    static let stage1: [Exercise] = [
        Exercise(
            number: "1.1", title: "Two loops", grade: .core, stage: .sync,
            kind: .build(lesson: .oneAfterTheOther, red: "the server's process is gone")),
        Exercise(
            number: "1.2", title: "One send will do", grade: .warmUp, stage: .sync,
            kind: .breaking([.bothSidesBlock])),
        Exercise(
            number: "1.3", title: "In front of a deaf server", grade: .core, stage: .sync,
            kind: .measure([
                .number("waiting", in: queue, "connections", advice: queueAdvice),
                .choice(
                    "next", "c", of: "abc",
                    advice: "Look at the one who came too late with ss -tan: what state is it in?"),
                .choice(
                    "bytes", "b", of: "abc",
                    advice: "ss -tnp shows all connections of port 8080. Whose Recv-Q isn't 0?"),
            ])),
        Exercise(
            number: "1.4", title: "A turn that ends", grade: .core, stage: .sync,
            kind: .extend(.turnsEnd, red: "the silent client keeps its turn")),
        Exercise(
            number: "1.5", title: "Mystery 4", grade: .warmUp, stage: .sync,
            kind: .diagnose(
                mystery: 4, shownBy: .everyByteValue, red: "the server does not close",
                [
                    .state("state", "CLOSE-WAIT"),
                    .choice("fault", "b", of: "abcd", advice: closeAdvice),
                ])),
        Exercise(
            number: "1.6", title: "Everybody's turn", grade: .stretch, stage: .sync,
            kind: .extend(
                .everybodysTurn, red: "the second client waits until the first has gone",
                changes: [
                    Change(.secondClient, .holds), Change(.hundredAtOnce, .holds),
                    Change(.neverReaderNeighbour, .holds), Change(.idleThreads, .holds),
                    Change(
                        .stalledReader,
                        .limitation(
                            "the signal ends the process: no farewell", liftedBy: .shutdown)),
                ])),
    ]

    /// How many connections wait when no more come in; Darwin's kernel adds half as many.
    private static var queue: ClosedRange<Double> {
        #if canImport(Darwin)
            return 128...200
        #else
            return 129...129
        #endif
    }

    /// What helps whoever counts another queue, or not all of it.
    private static let queueAdvice = """
        ss -tln shows two figures for the listening socket: Recv-Q, which counts, and Send-Q, which
            was asked for. The client whose turn it is doesn't wait; the one too many isn't in it.
        """

    /// What helps whoever takes another fault for that of mystery 4.
    private static let closeAdvice = """
        strace -f -p PID shows what the server's threads call. What does recvfrom return when the
            client has no more to say, and what comes after it?
        """
}

extension Question {
    /// A question whose answer is a state of a connection, as ss or lsof writes it.
    fileprivate static func state(_ key: String, _ right: String) -> Question {
        Question(key: key, form: "a word") { answer in
            let word = String(answer.uppercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
            if word == right { return nil }
            if word.hasPrefix("FIN-WAIT") || word == "TIME-WAIT" {
                return "That is the client's end. Which line of ss has port 8080 on its left?"
            }
            return "The first column of ss -tan, in the line with port 8080 on its left."
        }
    }
}

extension Behaviour {
    /// Exercise 1.1: what a server for one word of one client cannot do.
    fileprivate static let oneAfterTheOther = Behaviour(
        family: .neighbours, title: "One client after the other says two words, and hears them",
        chapter: .sync,
        hint: "Two loops: one over the clients, in it one over what a client says."
    ) { lab in
        let server = try lab.server()
        do {
            for name in ["client 1", "client 2"] {
                let client = try lab.connect(name)
                try lab.talk("one", over: client)
                try lab.talk("two", over: client)
                client.shutdownWrite()
                try lab.expect([], thenEndOf: client, by: Deadline(in: 3))
                client.close()
            }
        } catch {
            // A process that has ended takes a moment to be gone.
            _ = server.waitForExit(by: Deadline(in: 1))
            throw error
        }
    }

    /// Exercise 1.4: 2 s of patience with whoever has the turn.
    fileprivate static let turnsEnd = Behaviour(
        family: .neighbours, title: "Who says nothing for 2 s loses its turn, and nobody else",
        chapter: .sync, hint: "recv waits for ever, unless the socket is told how long."
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect("client 1")
        let next = try lab.connect("client 2")
        try next.send(lab.dialect.message(Array("my turn?".utf8)))
        let busy = Deviation("a busy client loses its turn, too", "  It speaks every 0.4 s.")
        // Longer than the patience altogether, but never silent for long.
        for _ in 0..<11 {
            do {
                try lab.talk("word", over: client)
            } catch {
                throw busy
            }
            // Nothing is owed to it: it can only be the end of the stream.
            if client.waitForData(0.4) { throw busy }
        }
        let patience = seconds { client.waitForData(4) }
        if patience >= 4 {
            throw Deviation(
                "the silent client keeps its turn",
                "  It said nothing for 4 s. Client 2 has been waiting all the time.")
        }
        try lab.expect([], thenEndOf: client)
        guard patience > 1.2, patience < 3 * Deadline.multiplier else {
            throw Deviation(
                "the turn ends at another time",
                String(format: "  after %.1f s more; 1.6 s were expected", patience))
        }
        lab.timeline.add("client 1 has lost its turn")
        try lab.expectAnswer("my turn?", from: next)
        next.close()
        // Nobody is connected now: waiting for a client is not what the patience is for.
        let complaint = server.waitForError(by: Deadline(in: 2.5 / Deadline.multiplier)) {
            $0.hasPrefix("Accept error")
        }
        if let complaint {
            let evidence = "  \(complaint)\n  It is to wait for as long as nobody comes."
            try lab.console(Deviation("accept loses its patience, too", evidence))
        }
    }

    /// Exercise 1.6: one thread for all.
    fileprivate static let everybodysTurn = Behaviour(
        family: .neighbours, title: "One thread serves silent, busy and rude clients side by side",
        chapter: .async,
        hint: "Only poll may wait, for all of them, and only for what you would use at once."
    ) { lab in
        let server = try lab.server()
        let silent = try lab.connect("client 1")
        try lab.talk("first", over: silent)
        let second = try lab.connect("client 2")
        try second.send(lab.dialect.message(Array("second".utf8)))
        if second.isLeftAlone(for: 0.5) {
            throw Deviation("the second client waits until the first has gone")
        }
        try lab.expectAnswer("second", from: second)
        guard server.threads == 1 else {
            throw Deviation(
                "there are other threads", "  \(server.threads) threads; 1 was expected")
        }
        let rude = try lab.connect("the rude client")
        guard try rude.sendUntilStuck([UInt8](repeating: 0x78, count: 1000)) != nil else {
            throw Deviation("the server takes it all, and stores it", "  64 MiB, and no end")
        }
        for round in 1...20 {
            do {
                try lab.talk("round \(round)", over: second, by: Deadline(in: 2))
            } catch {
                throw Deviation("the others wait for a client that doesn't read")
            }
        }
        try lab.expectRest(server)
    }
}

extension Lab {
    /// Expects that a server with nothing to do does nothing, though a client doesn't read.
    fileprivate func expectRest(_ server: Server) throws {
        var load = 1.0
        for _ in 0..<3 where load > 0.2 {
            let before = server.processorTime
            let time = seconds { _ = Deadline(in: 0.3 / Deadline.multiplier).wait { false } }
            load = (server.processorTime - before) / time
        }
        guard load <= 0.2 else {
            throw Deviation(
                "it spins while nobody says anything",
                String(format: "  %.0f %% of a processor, for nothing", load * 100))
        }
    }
}
