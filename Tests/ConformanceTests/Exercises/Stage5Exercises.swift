// SPDX-License-Identifier: Apache-2.0

extension Exercise {
    /// The exercises of docs/exercises/stage5.md.
    static let stage5: [Exercise] = [
        Exercise(
            number: "5.1", title: "Mystery 2", grade: .warmUp, stage: .codec,
            kind: .diagnose(
                mystery: 2, shownBy: .typicalFrame, red: "other bytes come back",
                [
                    .choice(
                        "fault", "c", of: "abcd",
                        advice: "Look at the reply's bytes: what do the first four announce?")
                ]))
    ]
}
