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
            throw Deviation(Symptom.secondWaits)
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
                throw Deviation(Symptom.allOthersWait)
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
            if client.receive(most: 100).bytes.isEmpty { throw Deviation(Symptom.noAnswer) }
        }
        let threads = try lab.server().threads
        let most = 2 * ProcessInfo.processInfo.processorCount + 8
        guard threads <= most else {
            throw Deviation(
                Symptom.threadPerClient, "  \(threads) threads; at most \(most) were expected")
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
        guard let sent = try client.sendUntilStuck(message, to: server) else {
            throw Deviation(Symptom.storesAll, "  64 MiB, and no end")
        }
        let growth = server.memory - before
        guard growth <= 4 << 20 else {
            client.reset()
            try lab.expectNoTrace(of: sent, in: server)
            throw Deviation(
                Symptom.growsUnread,
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
        try rude.sendUntilStuck(message, to: lab.hasProcess ? try lab.server() : nil)
        let neighbour = try lab.connect("the neighbour")
        for round in 1...20 {
            let payload = "round \(round)"
            try neighbour.send(lab.dialect.message(Array(payload.utf8)))
            if round == 1, neighbour.isLeftAlone(for: 1) {
                throw Deviation(Symptom.neighbourWaits)
            }
            try lab.expectAnswer(payload, from: neighbour, by: Deadline(in: 1))
        }
    }

    static let clientLimit = Behaviour(
        family: .neighbours,
        title:
            "Of 300 clients at once, the last wait or are turned away, and the others are served",
        chapter: .shutdown, hint: "Exercise 3.5: count them, and make the next one wait."
    ) { lab in
        var inside: [Client] = []
        for number in 1...300 {
            let client = try lab.connect("a client")
            // Whoever is not let in hears nothing, or something else than the answer.
            try? client.send(lab.dialect.message(Array("client \(number)".utf8)))
            if client.isLeftAlone(for: 2) { break }
            guard (try? lab.expectAnswer("client \(number)", from: client)) != nil else { break }
            inside.append(client)
        }
        guard inside.count < 300 else { throw Deviation(Symptom.noLimit) }
        lab.timeline.add("\(inside.count) clients are inside", isTurn: true)
        for client in inside { try lab.talk("still there?", over: client) }
    }

    static let idleTimeout = Behaviour(
        family: .neighbours,
        title: "A client that says nothing is shown out after 3 s at the latest",
        chapter: .shutdown, hint: "Exercise 3.1: a timer that starts anew with every read.",
        mostlyWaits: true
    ) { lab in
        let client = try lab.connect()
        try lab.talk("hello", over: client)
        if client.isLeftAlone(for: 3) { throw Deviation(Symptom.noIdleTimeout) }
        try lab.expect([], thenEndOf: client)
    }
}

extension Lab {
    /// Expects that memory stays flat while a client sends, and reads all that comes back.
    ///
    /// A server that keeps what it has read looks from afar like one that keeps what is not taken.
    fileprivate func expectNoTrace(of count: Int, in server: Server) throws {
        let payload = [UInt8](repeating: 0x78, count: 1000)
        let client = try connect("a client that reads")
        let before = server.memory
        for _ in 0..<max(count, 8 << 20) / payload.count {
            try client.send(dialect.message(payload))
            try expect(content: payload, from: client)
        }
        let growth = server.memory - before
        guard growth > 2 << 20 else { return }
        throw Deviation(
            Symptom.growsPassed,
            "  By \(growth / 1024) KiB, though the client has read every answer.",
            hint: "What has been read and answered must go, not be kept in front of what comes.")
    }
}
