// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 3.1 Show out who falls silent.
enum Exercise3_1 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .showsOutTheSilent, red: "the silent client may stay",
        changes: [Change(.idleTimeout, .holds)])
}

extension Behaviour {
    /// Exercise 3.1: 2 s of patience with every client.
    fileprivate static let showsOutTheSilent = Behaviour(
        family: .neighbours,
        title: "Who says nothing for 2 s is shown out, and nobody else",
        chapter: .async,
        hint: "A timer for every client, which starts anew with whatever the client says."
    ) { lab in
        try lab.expectPromptEnd()
        let busy = try lab.connect("the busy client")
        let silent = try lab.connect("the silent client")
        try lab.talk("hello", over: silent)
        var words = 0
        let patience = try seconds {
            // A timer that starts once, and that no byte winds up, shows the busy one out as well.
            while words < 7, !silent.waitForData(0.4) {
                words += 1
                try lab.stay(busy)
            }
        }
        guard words < 7 else {
            throw Deviation(
                "the silent client may stay", "  It said nothing for 2.8 s, and is still connected."
            )
        }
        try lab.expect([], thenEndOf: silent)
        guard patience > 1.5, patience < 3 * Deadline.multiplier else {
            throw Deviation(
                "the silent client is shown out at another time",
                String(format: "  after %.1f s; 2 s were expected", patience))
        }
        // It came as early as the silent one: a timer that no byte winds up may need a moment more.
        letPass(0.4)
        try lab.stay(busy)
        try lab.leavesNoTimer()
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
}
