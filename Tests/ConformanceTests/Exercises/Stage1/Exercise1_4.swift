// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 1.4 A turn that ends.
enum Exercise1_4 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(.turnsEnd, red: "the silent client keeps its turn")
}

extension Behaviour {
    /// Exercise 1.4: 2 s of patience with whoever has the turn.
    fileprivate static let turnsEnd = Behaviour(
        family: .neighbours, title: "Who says nothing for 2 s loses its turn, and nobody else",
        chapter: .sync, hint: "recv waits for ever, unless the socket is told how long."
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect("client 1")
        let next = try lab.connect("client 2")
        try next.send(lab.dialect.message(Array("my turn?".utf8)))
        try lab.talk("word", over: client)
        let patience = seconds { client.waitForData(3.2) }
        if patience >= 3.2 {
            throw Deviation(
                "the silent client keeps its turn",
                "  It said nothing for 3.2 s. Client 2 has been waiting all the time.")
        }
        try lab.expect([], thenEndOf: client)
        guard patience > 1.6, patience < 3 * Deadline.multiplier else {
            throw Deviation(
                "the turn ends at another time",
                String(format: "  after %.1f s; 2 s were expected", patience))
        }
        lab.timeline.add("client 1 has lost its turn")
        try lab.expectAnswer("my turn?", from: next)
        let busy = Deviation("a busy client loses its turn, too", "  It speaks every 0.4 s.")
        // Longer than the patience altogether, but never silent for long.
        for _ in 0..<11 {
            do {
                try lab.talk("word", over: next)
            } catch {
                throw busy
            }
            // Nothing is owed to it: it can only be the end of the stream.
            if next.waitForData(0.4) { throw busy }
        }
        next.close()
        try lab.expectPatientAccept(of: server)
    }
}

extension Lab {
    /// Expects that `accept` waits while nobody is connected: the patience is with clients.
    fileprivate func expectPatientAccept(of server: Server) throws {
        let complaint = server.waitForError(by: Deadline(in: 2.5 / Deadline.multiplier)) {
            $0.hasPrefix("Accept error")
        }
        guard let complaint else { return }
        let evidence = "  \(complaint)\n  It is to wait for as long as nobody comes."
        try console(Deviation("accept loses its patience, too", evidence))
    }
}
