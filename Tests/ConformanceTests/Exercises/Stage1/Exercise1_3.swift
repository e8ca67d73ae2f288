// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 1.3 In front of a deaf server.
enum Exercise1_3 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.measure([
        .number("waiting", in: queue, "connections", advice: queueAdvice),
        .choice(
            "next", "c", of: "abc",
            advice: "Look at the one who came too late with ss -tan: what state is it in?"),
        .choice(
            "bytes", "b", of: "abc",
            advice: "ss -tnp shows all connections of port 8080. Whose Recv-Q isn't 0?"),
    ])

    /// How many connections wait when no more come in; Darwin's kernel adds half as many.
    private static var queue: ClosedRange<Double> {
        #if canImport(Darwin)
            return 128...200
        #else
            return 129...129
        #endif
    }

    /// What helps whoever counts another queue, or not all of it.
    private static let queueAdvice = """
        ss -tln shows two figures for the listening socket: Recv-Q, which counts, and Send-Q, which
            was asked for. The client whose turn it is doesn't wait; the one too many isn't in it.
        """
}
