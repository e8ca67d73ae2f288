// SPDX-License-Identifier: Apache-2.0

/// 5.7 How many writes?.
enum Exercise5_7 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.measure([
        .number(
            "reads", in: 2...2, "calls",
            advice: "Count the calls that returned bytes from the client, not the others."),
        .number(
            "writes", in: 2...2, "calls",
            advice: "Count the calls to the client's descriptor; 1 is the log."),
        .number(
            "one", in: 1...1, "calls",
            advice: "Half a frame gets no answer: what is there to write in between?"),
        .choice(
            "why", "b", of: "abc",
            advice: "How many frames has each read completed, and how many answers has "
                + "the write behind it? Divide both figures."),
    ])
}
