// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 1.1 Two loops.
enum Exercise1_1 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.build(
        lesson: .oneAfterTheOther, red: Symptom.processGone,
        also: [.pausesForShortageOnly(.sync)])
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
}
