// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 6.7 How long a goodbye takes.
enum Exercise6_7 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.measure([
        .number(
            "nobody", in: 0...0.6, "s",
            advice: "Nobody is connected, so nobody is waited for: less than half a second."
        ),
        .number(
            "polite", in: 0...0.6, "s",
            advice: "Does the client close when it reads the end of the stream?"),
        .number(
            "stays", in: 1.7...2.7, "s",
            advice: "Is the client still connected when the signal comes? Look with ss."),
        .choice(
            "order", "c", of: "abcd",
            advice:
                "strace -f -e trace=close,write,writev,shutdown,read,recvfrom -p PID shows "
                + "it. Which descriptor is the listener's?",
            instead: [
                "a": "Until then, the listener would let in clients that nobody tells.",
                "b": "Does the client's end of stream come by itself? Look for shutdown.",
                "d": "What makes a polite client close is the farewell. So which comes first?",
            ]),
        .choice(
            "lost", "b", of: "abc",
            advice:
                "The server has written it, and closes at once. What does the kernel send "
                + "when bytes are unread then?",
            instead: [
                "a": "The trace shows it written. What becomes of it on its way?",
                "c": "How long does the process take to end? The deadline is 2 s.",
            ]),
    ])
}
