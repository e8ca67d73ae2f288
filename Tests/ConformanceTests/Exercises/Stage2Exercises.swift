// SPDX-License-Identifier: Apache-2.0

extension Exercise {
    /// The exercises of docs/exercises/stage2.md.
    static let stage2: [Exercise] = [
        Exercise(
            number: "2.1", title: "A thread for every client", grade: .core, stage: .threads,
            kind: .build(
                lesson: .secondClient,
                red: "the second client waits until the first has gone")),
        Exercise(
            number: "2.2", title: "The missing signal", grade: .warmUp, stage: .threads,
            kind: .breaking([.goneBeforeReply])),
        Exercise(
            number: "2.3", title: "What a thread costs", grade: .core, stage: .threads,
            kind: .measure([
                .number(
                    "touched", in: 4...60, "KiB",
                    advice: "VmRSS, with 200 clients minus with none, divided by 200."),
                .choice(
                    "why", "b", of: "abc",
                    advice: "What does a page cost that has an address, and that nobody touched?"),
            ])),
    ]
}
