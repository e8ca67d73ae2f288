// SPDX-License-Identifier: Apache-2.0

/// 5.1 Mystery 2.
enum Exercise5_1 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.diagnose(
        mystery: 2, shownBy: .typicalFrame, red: Symptom.otherBytes,
        [
            .choice(
                "fault", "c", of: "abcd",
                advice: "Look at the reply's bytes: what do the first four announce?",
                instead: [
                    "a": "Twice would be two lengths and two texts. How many do you see?",
                    "b": "It is shorter than announced, but which of its letters is missing?",
                    "d": "The wrong way round, 10 would be 0a 00 00 00. What stands there?",
                ])
        ])
}
