// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 1.6 Everybody's turn.
enum Exercise1_6 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .everybodysTurn, red: Symptom.secondWaits,
        changes: [
            Change(.secondClient, .holds), Change(.hundredAtOnce, .holds),
            Change(.neverReaderNeighbour, .holds), Change(.idleThreads, .holds),
            Change(.descriptorsComeBack, .holds), Change(.descriptorsDontSpin, .holds),
            Change(
                .stalledReader,
                .limitation(
                    Symptom.killed, liftedBy: .shutdown)),
        ])
}

extension Behaviour {
    /// Exercise 1.6: one thread for all.
    fileprivate static let everybodysTurn = Behaviour(
        family: .neighbours, title: "One thread serves silent, busy and rude clients side by side",
        chapter: .async,
        hint: "Only poll may wait. Ask it about every client, and only for what you would do now."
    ) { lab in
        let server = try lab.server()
        let silent = try lab.connect("client 1")
        try lab.talk("first", over: silent)
        let second = try lab.connect("client 2")
        try second.send(lab.dialect.message(Array("second".utf8)))
        if second.isLeftAlone(for: 0.5) {
            throw Deviation(Symptom.secondWaits)
        }
        try lab.expectAnswer("second", from: second)
        guard server.threads == 1 else {
            throw Deviation(
                "there are other threads", "  \(server.threads) threads; 1 was expected")
        }
        let rude = try lab.connect("the rude client")
        guard try rude.sendUntilStuck([UInt8](repeating: 0x78, count: 1000), to: server) != nil
        else {
            throw Deviation(Symptom.storesAll, "  64 MiB, and no end")
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
        try expectIdle(
            server, else: "it spins while nobody says anything", forgiven: 2, most: 0.2)
        guard let before = server.sleeps else { return }
        letPass(1)
        let count = (server.sleeps ?? before) - before
        guard count <= 3 else {
            throw Deviation(
                "it wakes up again and again while nobody says anything",
                "  \(count) times in a second. Let poll wait without a limit: -1.")
        }
    }
}
