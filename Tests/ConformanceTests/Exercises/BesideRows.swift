// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the checks of several Build exercises ask beside the stage's rows.
extension Behaviour {
    /// Exercises 1.1, 2.1 and 6.1: a pause is for a shortage; without strace, nobody can see it.
    ///
    /// - Parameter chapter: The stage whose chapter explains it.
    /// - Returns: The behaviour.
    static func pausesForShortageOnly(_ chapter: Stage) -> Behaviour {
        Behaviour(
            family: .resources,
            title: "A client that has left before it is accepted keeps nobody waiting",
            chapter: chapter,
            hint: """
                Pause only when descriptors or memory have run out: EMFILE, ENFILE,
                      ENOBUFS, ENOMEM (error.isShortage, in stages 1 and 2). After any other
                      error, accept again at once.
                """
        ) { lab in
            let aborted = Strace.failingAccept("ECONNABORTED", when: "2+2")
            guard let aborted else { return }
            let server = try lab.start(in: Surroundings(tracer: aborted))
            lab.timeline.add("from now on, every second accept fails with ECONNABORTED")
            let time = try seconds {
                for _ in 0..<20 {
                    let client = try lab.connect("a client", to: server)
                    try lab.talk("hello", over: client)
                    client.close()
                }
            }
            // A pause of 0.1 s for each of them would make it 2 s.
            guard time > Deadline.multiplier else { return }
            throw Deviation(
                "accepting pauses, though nothing has run out",
                """
                  20 clients, one after the other, took \(String(format: "%.1f", time)) s. ECONNABORTED says that
                  one client has gone already: no reason to keep the next one waiting.
                """)
        }
    }

    /// Exercises 4.1 and 5.2: who was refused and has left is not kept until the 2 s are over.
    static let forgetsTheRefused = Behaviour(
        family: .frames,
        title: "A client that is refused, and leaves at once, is forgotten at once",
        chapter: .framing,
        hint: """
            What closes the connection 2 s after a refusal holds on to it until then.
                  Cancel it when the channel has closed: its closeFuture says when.
            """
    ) { lab in
        let answer = lab.dialect.answer(to: Array("hi".utf8))
        try lab.expectForgotten("who was refused and has left is kept for 2 s more") { client in
            let hi = lab.dialect.message(Array("hi".utf8))
            try client.send(hi + Dialect.header(0xffff_ffff))
            try lab.expect(answer, thenEndOf: client)
        }
    }
}

extension Lab {
    /// Expects that clients which have come and gone cost no memory, not even for a few seconds.
    ///
    /// - Parameters:
    ///   - symptom: What it is called if they do.
    ///   - hint: What helps then; nil if the behaviour's own does.
    ///   - visit: What each of them does.
    /// - Throws: The symptom, with what they cost.
    func expectForgotten(
        _ symptom: String, hint: String? = nil, _ visit: (Client) throws -> Void
    ) throws {
        let server = try server()
        // The first ones cost what is kept for those that come after them.
        try comeAndGo(100, hint: hint, visit)
        let before = server.memory
        let count = 1000
        let time = try seconds { try comeAndGo(count, after: 100, hint: hint, visit) }
        let growth = server.memory - before
        // A channel that is held on to costs more than 2 KiB: of all, those of the last 2 s.
        guard growth > 512 << 10 else { return }
        throw Deviation(
            symptom,
            """
              \(count) clients have come, one after the other, and none is left. In the
              \(String(format: "%.1f", time)) s that it took, the server has grown by \(growth / 1024) KiB.
            """, hint: hint)
    }

    /// Has so many clients come, one after the other, and go.
    ///
    /// - Throws: What the first of them sees; of a later one, that those before it are the reason.
    private func comeAndGo(
        _ count: Int, after earlier: Int = 0, hint: String?, _ visit: (Client) throws -> Void
    ) throws {
        for number in earlier..<earlier + count {
            do {
                let client = try connect("a client")
                try visit(client)
                client.close()
            } catch let deviation as Deviation where number > 0 {
                throw Deviation(
                    "clients that have gone keep the server busy",
                    """
                      \(number) clients have come and gone, and were served. The next one is not:
                      \(deviation.symptom).
                    """, hint: hint)
            }
        }
    }
}
