// SPDX-License-Identifier: Apache-2.0

/// 4.6 Mystery 1.
enum Exercise4_6 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.diagnose(
        mystery: 1, shownBy: .typicalFrame, red: Symptom.closesWithoutAnswer,
        [
            .number(
                "unread", in: 0...0, "bytes",
                advice: "Recv-Q, in the row whose local port is the server's."),
            .choice(
                "fault", "c", of: "abcd",
                advice: "Who has your 6 bytes now: the server's kernel, or the server?",
                instead: [
                    "a": "Nobody accepted, nobody read: your 6 bytes would still be in Recv-Q.",
                    "d": "An answer that is stuck would be in Send-Q of the server's row.",
                ]),
        ])
}
