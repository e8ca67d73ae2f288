// SPDX-License-Identifier: Apache-2.0

/// 3.8 Mystery 3.
enum Exercise3_8 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.diagnose(
        mystery: 3, shownBy: .halfCloseSmall, red: Symptom.closesEarly,
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
        ])
}
