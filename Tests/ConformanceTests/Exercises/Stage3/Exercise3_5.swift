// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 3.5 Room for 250.
enum Exercise3_5 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .hasRoomFor250, red: "client 251 is answered",
        changes: [Change(.clientLimit, .holds)])
}

extension Behaviour {
    /// Exercise 3.5: who comes when all places are taken waits for one.
    fileprivate static let hasRoomFor250 = Behaviour(
        family: .neighbours,
        title: "250 clients are served at a time; who comes then waits until one leaves",
        chapter: .async,
        hint: "For a listener, to read is to accept: hold that back until a client has left."
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
        // Some may be accepted ahead. A task for each, that waits in its turn, is something else.
        let more = try lab.server().openDescriptors - held
        guard more <= 32 else {
            throw Deviation(
                "whoever waits costs a descriptor",
                "  \(waiting.count + queue.count) wait, and the server has \(more) descriptors more.\n"
                    + "  Nobody has to be accepted before there is a place.")
        }
        for client in queue { client.close() }
        try lab.expectPlacesBack(from: inside, to: &waiting)
    }
}

extension Lab {
    /// Expects that a place is free as soon as a client inside has ended, in whatever way.
    fileprivate func expectPlacesBack(from inside: [Client], to waiting: inout [Client]) throws {
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
            timeline.add("a client inside \(ending.name)")
            let isLetIn = Deadline().wait { waiting.contains { $0.waitForData(0) } }
            guard isLetIn, let next = waiting.firstIndex(where: { $0.waitForData(0) }) else {
                throw Deviation(
                    "a place is free, and nobody gets it",
                    "  A client inside \(ending.name). 249 are inside, and \(waiting.count) wait.")
            }
            let admitted = waiting.remove(at: next)
            try expectAnswer("hello", from: admitted)
            try expectStillWaiting(waiting, "more are let in than have left")
        }
    }
}

extension Lab {
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
}
