// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Exercise {
    /// The exercises of docs/exercises/stage3.md.
    static let stage3: [Exercise] = [
        Exercise(
            number: "3.1", title: "Show out who falls silent", grade: .core, stage: .async,
            kind: .extend(
                .showsOutTheSilent, red: "the silent client may stay",
                changes: [Change(.idleTimeout, .holds)])),
        Exercise(
            number: "3.2", title: "Tasks in the place of threads", grade: .core, stage: .async,
            kind: .build(lesson: .idleThreads, red: "a thread for every client")),
        Exercise(
            number: "3.3", title: "Five seconds of sleep", grade: .core, stage: .async,
            kind: .measure([
                .waiting("sleep", 9) { count in
                    switch count {
                    case 39: "Everybody? With four event loops it is fewer; did it have four?"
                    case 19: "That is right for two event loops. Start the server with four."
                    case 10: "Is the one who sleeps among them? The question is about the others."
                    default: "Each was answered once before. Then one says z, and all others speak."
                    }
                },
                .waiting("Task.sleep", 0) { _ in
                    "Does the line say await, and has the server been built and started anew?"
                },
                .choice(
                    "why", "c", of: "abc",
                    advice: "Who else had to wait, and what do they share with the one who sleeps?"),
            ])),
        Exercise(
            number: "3.4", title: "A write that nobody awaits", grade: .warmUp, stage: .async,
            kind: .breaking([.neverReaderMemory, .bothSidesBlock])),
        Exercise(
            number: "3.5", title: "Room for 250", grade: .core, stage: .async,
            kind: .extend(
                .hasRoomFor250, red: "client 251 is answered",
                changes: [Change(.clientLimit, .holds)])),
        Exercise(
            number: "3.6", title: "An event loop of your own", grade: .stretch, stage: .async,
            kind: .extend(.runsOnItsOwnLoop, red: "it runs on somebody else's event loop")),
        Exercise(
            number: "3.7", title: "A leaner bridge", grade: .stretch, stage: .async,
            kind: .extend(.crossesItsOwnBridge, red: "it crosses the library's bridge")),
        Exercise(
            number: "3.8", title: "Mystery 3", grade: .warmUp, stage: .async,
            kind: .diagnose(
                mystery: 3, shownBy: .halfCloseSmall, red: "the server closes too early",
                [
                    .choice(
                        "fault", "b", of: "abcd",
                        advice: "Send texts of 10, 100 and 1,000 bytes, and count what comes back."),
                    .choice(
                        "end", "b", of: "ab",
                        advice: "Look at the packets, or take a client that tells: nc does not."),
                    .choice(
                        "why", "a", of: "abc",
                        advice: "What is left in the server's receive buffer when it closes?"),
                ])),
    ]
}

extension Question {
    /// How many clients wait, on a server with four event loops.
    fileprivate static func waiting(
        _ key: String, _ right: Int, advice: @escaping @Sendable (Int) -> String
    ) -> Question {
        Question(key: key, form: "clients") { answer in
            guard let number = answer.split(separator: " ").first, let count = Int(number) else {
                return "A number of clients is expected."
            }
            return count == right ? nil : advice(count)
        }
    }
}

extension Behaviour {
    /// Exercise 3.1: 2 s of patience with every client.
    fileprivate static let showsOutTheSilent = Behaviour(
        family: .neighbours,
        title: "Who says nothing for 2 s is shown out, and nobody else",
        chapter: .async,
        hint: "A timer for every client, which whatever it says winds up again."
    ) { lab in
        let busy = try lab.connect("the busy client")
        let silent = try lab.connect("the silent client")
        try lab.talk("hello", over: silent)
        var words = 0
        let patience = try seconds {
            // A timer that starts once, and that no byte winds up, shows the busy one out as well.
            while words < 9, !silent.waitForData(0.4) {
                words += 1
                try lab.stay(busy)
            }
        }
        guard words < 9 else {
            throw Deviation(
                "the silent client may stay", "  It said nothing for 3.6 s, and is still connected."
            )
        }
        try lab.expect([], thenEndOf: silent)
        guard patience > 1.5, patience < 3 * Deadline.multiplier else {
            throw Deviation(
                "the silent client is shown out at another time",
                String(format: "  after %.1f s; 2 s were expected", patience))
        }
        try lab.stay(busy)
    }

    /// Exercise 3.5: who comes when all places are taken waits for one.
    fileprivate static let hasRoomFor250 = Behaviour(
        family: .neighbours,
        title: "250 clients are served at a time; who comes then waits until one leaves",
        chapter: .async,
        hint: "The accept loop may wait, too: for one of its tasks to end."
    ) { lab in
        let inside = try (1...250).map { _ in try lab.connect("a client inside") }
        try lab.serveAll(inside, else: "there is no room for 250")
        let held = try lab.server().openDescriptors
        var waiting = try (1...5).map { _ in try lab.connect("a client that waits") }
        for client in waiting { try client.send(lab.dialect.message(Array("hello".utf8))) }
        try lab.expectStillWaiting(waiting, "client 251 is answered")
        // They are answered behind those who wait, if those are answered at all.
        try lab.serveAll(inside, else: "who is inside is no longer answered")
        let queue = try (1...60).map { _ in try lab.connect("a client behind them") }
        try lab.expectStillWaiting(waiting, "client 251 is answered")
        // The library accepts some ahead. A task for each, that waits in its turn, is something else.
        let more = try lab.server().openDescriptors - held
        guard more <= 32 else {
            throw Deviation(
                "whoever waits costs a descriptor",
                "  \(waiting.count + queue.count) wait, and the server has \(more) descriptors more.\n"
                    + "  Nobody has to be accepted before there is a place.")
        }
        for client in queue { client.close() }

        let endings: [(name: String, act: @Sendable (Client) -> Void)] = [
            ("has closed", { $0.close() }), ("has broken off with a reset", { $0.reset() }),
            (
                "has shut its write side, and has read to the end",
                {
                    $0.shutdownWrite()
                    _ = $0.receiveToEnd()
                }
            ),
        ]
        for (client, ending) in zip(inside, endings) {
            ending.act(client)
            lab.timeline.add("a client inside \(ending.name)")
            let isLetIn = Deadline().wait { waiting.contains { $0.waitForData(0) } }
            guard isLetIn, let next = waiting.firstIndex(where: { $0.waitForData(0) }) else {
                throw Deviation(
                    "a place is free, and nobody gets it",
                    "  A client inside \(ending.name). 249 are inside, and \(waiting.count) wait.")
            }
            let admitted = waiting.remove(at: next)
            try lab.expectAnswer("hello", from: admitted)
            try lab.expectStillWaiting(waiting, "more are let in than have left")
        }
    }

    /// Exercise 3.6: no library waits for the descriptors, and waiting costs nothing.
    fileprivate static let runsOnItsOwnLoop = Behaviour(
        family: .resources,
        title: "Tasks run on an event loop of its own, which sleeps while nothing happens",
        chapter: .async,
        hint: "poll(2) sleeps until a descriptor is ready: ask it only for what a task awaits."
    ) { lab in
        let foreign =
            #"\b_?C?NIO[A-Z]\w*|\bDispatch(Queue|Source\w*|IO)?\b|\bRunLoop\b"#
            + #"|\bimport +(Atomics|\w*Collections|DequeModule|SystemPackage|Logging)\b"#
        try lab.expectNo(foreign, "it runs on somebody else's event loop")
        try lab.expectTasks()
        let server = try lab.server()
        let clients = try (1...200).map { _ in try lab.connect("a client") }
        try lab.serveAll(clients, else: "not all of 200 clients are answered")
        let most = 2 * ProcessInfo.processInfo.processorCount + 8
        guard server.threads <= most else {
            throw Deviation(
                "a thread for every client",
                "  \(server.threads) threads; at most \(most) were expected")
        }
        try lab.expectRest(of: server, "it spins while all clients are silent")
        let rude = try lab.connect("the rude client")
        _ = try rude.sendUntilStuck([UInt8](repeating: 0x78, count: 1000))
        try lab.expectRest(of: server, "it spins while a client does not read")
    }

    /// Exercise 3.7: the library's bridge from a channel to a task is not used for clients.
    fileprivate static let crossesItsOwnBridge = Behaviour(
        family: .neighbours, title: "Tasks await their channels over a bridge of its own",
        chapter: .async,
        hint: "The channel tells a handler what happens; a continuation hands it to the task."
    ) { lab in
        try lab.expectNo(
            #"\b(wrappingChannelSynchronously|synchronouslyWrapping)\b"#,
            "it crosses the library's bridge")
        try lab.expectTasks()
        let client = try lab.connect()
        try lab.talk("hello", over: client)
    }
}

extension Lab {
    /// Says a word, and expects to be answered as before.
    fileprivate func stay(_ busy: Client) throws {
        do {
            try talk("word", over: busy)
        } catch {
            throw Deviation("a busy client is shown out, too", "  It says a word every 0.4 s.")
        }
    }

    /// Has all of them say hello, and expects that each is answered.
    fileprivate func serveAll(_ clients: [Client], else symptom: String) throws {
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
                symptom, "  \(answered) of \(clients.count) hear something. Of another: \(reason).")
        }
    }

    /// Expects that none of them is answered, or turned away, for a while.
    fileprivate func expectStillWaiting(_ clients: [Client], _ symptom: String) throws {
        // A deadline for all: whoever is answered meanwhile is seen after it.
        if clients.first?.isLeftAlone(for: 0.3) == true,
            !clients.contains(where: { $0.waitForData(0) })
        {
            return
        }
        let heard = clients.filter { $0.waitForData(0) }
        guard let (bytes, end) = heard.first?.receive() else { return }
        guard dialect.content(of: bytes) == Array("hello".utf8) else {
            let ending = end == .reset ? "a reset" : "end of stream"
            throw Deviation(
                "who should wait is turned away",
                "  It reads \(bytes.isEmpty ? ending : inWords(bytes)).")
        }
        throw Deviation(
            symptom, "  \(heard.count) of \(clients.count) that should wait are answered.")
    }

    /// Expects that nothing in the stage's code matches; another program's is unknown.
    fileprivate func expectNo(_ pattern: String, _ symptom: String) throws {
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
    fileprivate func expectTasks() throws {
        let isThere = Stage.async.code.contains {
            $0.text.range(of: #"\bfunc +echo\b[^{]*\basync\b"#, options: .regularExpression) != nil
        }
        guard isThere || program.isForeign else {
            throw Deviation(
                "no task serves the clients",
                "  A function that begins with func echo(, and is async, was expected.")
        }
    }

    /// Expects that the server uses next to no processor time for a moment.
    fileprivate func expectRest(of server: Server, _ symptom: String) throws {
        var load = 1.0
        // It may still be busy with what came before.
        for _ in 0..<5 where load >= 0.05 {
            let before = server.processorTime
            let time = seconds { _ = Deadline(in: 0.4 / Deadline.multiplier).wait { false } }
            load = (server.processorTime - before) / time
        }
        guard load < 0.05 else {
            throw Deviation(
                symptom, String(format: "  %.0f %% of a processor, for nothing", load * 100))
        }
    }
}

extension Stage {
    /// The stage's files as they stand, without comments and texts.
    fileprivate var code: [(name: String, text: String)] {
        let folder = Stage.package.appendingPathComponent(name)
        let files = FileManager.default.enumerator(atPath: folder.path)
        let names = (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }
        return names.sorted().map { file in
            let url = folder.appendingPathComponent(file)
            var text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            for pattern in [#"(?s)/\*.*?\*/"#, #""[^"\n]*""#, #"//[^\n]*"#] {
                text = text.replacingOccurrences(
                    of: pattern, with: "", options: .regularExpression)
            }
            return ("\(name)/\(file)", text)
        }
    }
}
