// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 4.5 Forty milliseconds.
enum Exercise4_5 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.measure(fortyMilliseconds)

    /// What exercise 4.5 asks.
    private static let fortyMilliseconds: [Question] = [
        .number(
            "two writes", in: 30...130, "ms",
            advice: "The real time, divided by 50. Is the option 0, and does each reply leave in "
                + "two writes?"),
        .number(
            "one write", in: 0.02...25, "ms",
            advice: "The real time, divided by 50, with the workbook's own answer and the option 0."
        ),
        .choice(
            "who waits", "b", of: "abc",
            advice: "In those 40 ms no program runs. Which kernel has bytes to send, and what is "
                + "it waiting for?"),
        .choice(
            "option", "a", of: "abc",
            advice: "The server's option is an option of the server's socket. Whose are the "
                + "acknowledgements?"),
    ]
}
