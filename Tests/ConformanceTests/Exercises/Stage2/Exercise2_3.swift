// SPDX-License-Identifier: Apache-2.0

/// 2.3 What a thread costs.
enum Exercise2_3 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.measure([
        .number(
            "touched", in: 4...60, "KiB",
            advice: "VmRSS, with 200 clients minus with none, divided by 200."),
        .choice(
            "why", "b", of: "abc",
            advice: "What does a page cost that has an address, and that nobody touched?"),
    ])
}
