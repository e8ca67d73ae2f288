// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a server leaves.
extension Behaviour {
    static let interruptIdle = goodbye("SIGINT", SIGINT)
    static let terminateIdle = goodbye("SIGTERM", SIGTERM)
    static let hangUpIdle = goodbye("SIGHUP", SIGHUP)

    /// A signal while a client is connected and silent.
    private static func goodbye(_ name: String, _ number: Int32) -> Behaviour {
        Behaviour(
            family: .shutdown,
            title: "\(name) with an idle client: farewell, end of stream, exit status 0",
            chapter: .shutdown,
            hint: "The signal's default action ends the process. Catch it, and tell every client."
        ) { lab in
            let server = try lab.server()
            let client = try lab.connect()
            try lab.exchange(Array("hello".utf8), over: client)
            lab.end(server, with: number)
            try lab.expectFarewell(client, server)
            client.close()
            try lab.expectExit(server, within: 1.5)
        }
    }

    static let nobodyThere = Behaviour(
        family: .shutdown, title: "SIGTERM with nobody connected: exit status 0, at once",
        chapter: .shutdown,
        hint: "There is nobody to wait for: don't sleep, wait for the last client."
    ) { lab in
        // Twenty times, as a signal right behind the listening line is easily lost.
        for _ in 0..<20 {
            let server = try lab.start()
            lab.end(server, with: SIGTERM)
            try lab.expectExit(server, within: 1)
        }
    }

    static let whileStreaming = Behaviour(
        family: .shutdown, title: "SIGTERM while a client streams: the farewell arrives",
        chapter: .shutdown,
        hint: "Closing with bytes unread sends a reset, which destroys the farewell on its way."
    ) { lab in
        let farewell = lab.dialect.farewell
        let server = try lab.server()
        let client = try lab.connect(receiveBuffer: 8192)
        try lab.exchange(Array("hello".utf8), over: client)
        let block = lab.dialect.message([UInt8](repeating: 0x2e, count: 10_000))
        let deadline = Deadline()
        let sender = lab.inBackground {
            while !deadline.hasPassed, (try? client.send(block, by: deadline)) != nil {}
        }
        // So that the farewell has to queue.
        lab.letFillUp(sender)
        lab.end(server, with: SIGTERM)
        let (bytes, end) = client.receiveToEnd()
        client.shutdownWrite()
        client.close()
        guard end == .endOfStream, bytes.suffix(farewell.count) == farewell[...] else {
            throw lab.missing(farewell, in: bytes, end, server)
        }
        try lab.expectExit(server, within: 3)
    }

    static let stalledReader = Behaviour(
        family: .shutdown,
        title: "SIGTERM with a reader that stalls: the others hear, and after 2 s it is over",
        chapter: .shutdown,
        hint:
            "A client that doesn't read can't be told, and never closes: a deadline ends the wait.",
        mostlyWaits: true
    ) { lab in
        let server = try lab.server()
        let stalled = try lab.connect("the stalled client")
        let message = lab.dialect.message([UInt8](repeating: 0x2e, count: 1000))
        try stalled.sendUntilStuck(message, to: server)
        let other = try lab.connect("the other client")
        try other.send(lab.dialect.message(Array("hello".utf8)))
        if other.isLeftAlone(for: 1) { throw Deviation(Symptom.otherClientWaits) }
        try lab.expect(lab.dialect.answer(to: Array("hello".utf8)), from: other)
        lab.end(server, with: SIGTERM)
        let time = try seconds {
            try lab.expectFarewell(other, server)
            try lab.expectExit(server, within: 3.5)
        }
        if time < 1.5 { throw Deviation(Symptom.noTimeForStalled) }
    }

    static let refusedWhileDraining = Behaviour(
        family: .shutdown, title: "A connection attempt while it drains is refused",
        chapter: .shutdown,
        hint: "Close the listener first: who gets into its queue now would never be answered."
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        lab.end(server, with: SIGTERM)
        try lab.expectFarewell(client, server)
        // The server is still there: it waits for the client to close.
        guard server.isRunning else { throw Deviation(Symptom.doesNotWait) }
        if let late = try? Client(to: server.port, name: "a late client", timeline: lab.timeline) {
            late.close()
            throw Deviation(Symptom.lateLetIn)
        }
        client.close()
        try lab.expectExit(server, within: 1.5)
    }

    static let secondSignal = Behaviour(
        family: .shutdown,
        title: "A second signal ends it at once, with exit status 128 + its number",
        chapter: .shutdown, hint: "Whoever presses Ctrl-C twice doesn't want to wait."
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        lab.end(server, with: SIGINT)
        try lab.expectFarewell(client, server)
        lab.end(server, with: SIGTERM)
        try lab.expectExit(server, status: .exited(128 + SIGTERM), within: 1)
    }

    static let pouringIn = Behaviour(
        family: .shutdown,
        title: "Clients pour in as the signal lands, 20 times: it ends in order, always",
        chapter: .shutdown,
        hint: "Some connections are half made when the listener closes. None of them may trap."
    ) { lab in
        for round in 0..<20 {
            let server = try lab.start()
            let port = server.port
            let timeline = lab.timeline
            let message = lab.dialect.message([0x2e])
            for _ in 0..<4 {
                lab.inBackground {
                    while server.isRunning {
                        guard let client = try? Client(to: port, timeline: Timeline()) else {
                            return
                        }
                        try? client.send(message)
                        _ = client.receive(most: 1)
                        client.shutdownWrite()
                        _ = client.receiveToEnd()
                    }
                }
            }
            // In the middle of it, each round at another moment.
            let connected = round * 3
            _ = Deadline().wait {
                server.allOutput.filter { $0.hasPrefix("Connected") }.count > connected
            }
            lab.end(server, with: SIGTERM)
            timeline.add("round \(round + 1) ends")
            try lab.expectExit(server, within: 3.5)
        }
    }

    static let farewellIsNoData = Behaviour(
        family: .shutdown, title: "The farewell cannot be mistaken for data", chapter: .shutdown,
        hint: "Stage 5 with this shutdown is an exercise: there, a farewell can be a frame."
    ) { lab in
        let farewell = lab.dialect.farewell
        let client = try lab.connect()
        try client.send(farewell)
        let (echo, _) = client.receive(exactly: farewell.count)
        if echo == farewell { throw Deviation(Symptom.looksLikeData) }
    }

    static let shutdownLog = Behaviour(
        family: .shutdown, title: "The log tells the shutdown from the signal to the end",
        chapter: .shutdown,
        hint: "Shutdown signal received, Shutting down connection, Server stopped.",
        side: .console
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        lab.end(server, with: SIGINT)
        try lab.expectFarewell(client, server)
        client.close()
        try lab.expectExit(server, within: 1.5)
        let story = server.allOutput.filter { $0.hasPrefix("S") }
        let expected = [
            "Shutdown signal received", "Shutting down connection: \(client.address)",
            "Server stopped.",
        ]
        guard story == expected else {
            throw Deviation(Symptom.otherLines, "  \(story.joined(separator: "\n  "))")
        }
    }
}
