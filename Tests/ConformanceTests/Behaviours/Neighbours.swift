// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What clients notice of each other, and what they cost.
extension Behaviour {
    static let secondClient = Behaviour(
        family: .neighbours, title: "A second client is served while the first is silent",
        chapter: .sync,
        hint: "While the server waits in recv for one client, nobody calls accept for the next."
    ) { lab in
        let first = try lab.connect("client 1")
        try lab.talk("first", over: first)
        let second = try lab.connect("client 2")
        try second.send(lab.dialect.message(Array("second".utf8)))
        if second.isLeftAlone(for: 0.4) {
            first.close()
            lab.timeline.add("client 1 closes")
            try lab.expectAnswer("second", from: second)
            throw Deviation("the second client waits until the first has gone")
        }
        try lab.expectAnswer("second", from: second)
    }

    static let hundredAtOnce = Behaviour(
        family: .neighbours, title: "100 clients at once all get their answers", chapter: .sync,
        hint: "Every client needs somebody who waits for it: a thread, a task, an event loop."
    ) { lab in
        let clients = try (1...100).map { try lab.connect("client \($0)") }
        let payloads = (1...100).map { "I am number \($0)" }
        for (client, payload) in zip(clients, payloads) {
            try client.send(lab.dialect.message(Array(payload.utf8)))
        }
        for (index, client) in clients.enumerated() {
            if index == 1, client.isLeftAlone(for: 0.4) {
                throw Deviation("one client is answered, all others wait")
            }
            try lab.expectAnswer(payloads[index], from: client)
        }
    }

    static let idleThreads = Behaviour(
        family: .neighbours,
        title: "200 idle clients are served by at most 2 x cores + 8 threads", chapter: .threads,
        hint:
            "A thread that only waits is paid for all the same. An event loop waits for all at once."
    ) { lab in
        for _ in 1...200 {
            let client = try lab.connect("a client")
            // Any answer shows that it has been accepted.
            try client.send(lab.dialect.message(Array("hello".utf8)))
            if client.receive(most: 100).bytes.isEmpty { throw Deviation("no answer comes") }
        }
        let threads = try lab.server().threads
        let most = 2 * ProcessInfo.processInfo.processorCount + 8
        guard threads <= most else {
            throw Deviation(
                "a thread for every client", "  \(threads) threads; at most \(most) were expected")
        }
    }

    static let neverReaderMemory = Behaviour(
        family: .neighbours,
        title: "A client that sends for ever and never reads costs at most 4 MiB", chapter: .async,
        hint: "What can't be sent must not pile up: read no more until it has been taken."
    ) { lab in
        let server = try lab.server()
        let warmUp = try lab.connect("an earlier client")
        try lab.talk("hello", over: warmUp)
        warmUp.close()
        let before = server.memory
        let client = try lab.connect()
        let message = lab.dialect.message([UInt8](repeating: 0x78, count: 1000))
        guard let sent = try client.sendUntilStuck(message) else {
            throw Deviation("the server takes it all, and stores it", "  64 MiB, and no end")
        }
        let growth = server.memory - before
        guard growth <= 4 << 20 else {
            throw Deviation(
                "memory grows with what the client doesn't read",
                "  \(sent / 1024) KiB sent, and the server has grown by \(growth / 1024) KiB")
        }
    }

    static let neverReaderNeighbour = Behaviour(
        family: .neighbours,
        title: "… and its neighbour gets 20 answers, each within a second", chapter: .async,
        hint: "Waiting for one client's buffer must not keep the others waiting."
    ) { lab in
        let rude = try lab.connect("the rude client")
        let message = lab.dialect.message([UInt8](repeating: 0x78, count: 1000))
        _ = try rude.sendUntilStuck(message)
        let neighbour = try lab.connect("the neighbour")
        for round in 1...20 {
            let payload = "round \(round)"
            try neighbour.send(lab.dialect.message(Array(payload.utf8)))
            if round == 1, neighbour.isLeftAlone(for: 1) {
                throw Deviation("the neighbour waits until the rude client has gone")
            }
            try lab.expectAnswer(payload, from: neighbour, by: Deadline(in: 1))
        }
    }

    static let clientLimit = Behaviour(
        family: .neighbours, title: "300 clients at once are too many for it: it says so",
        chapter: .shutdown, hint: "An exercise: count them, and make the next one wait."
    ) { lab in
        for number in 1...300 {
            let client = try lab.connect("a client")
            try lab.talk("client \(number)", over: client)
        }
        throw Deviation("no limit: all are let in")
    }

    static let idleTimeout = Behaviour(
        family: .neighbours, title: "A client that says nothing for 0.5 s is shown out",
        chapter: .shutdown, hint: "An exercise: a timer that every read winds up again."
    ) { lab in
        let client = try lab.connect()
        try lab.talk("hello", over: client)
        if client.isLeftAlone(for: 0.6) { throw Deviation("no idle timeout: it may stay") }
    }
}
