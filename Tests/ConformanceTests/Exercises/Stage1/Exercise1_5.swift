// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 1.5 Mystery 4.
enum Exercise1_5 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.diagnose(
        mystery: 4, shownBy: .everyByteValue, red: Symptom.noClose,
        [
            .state("state", "CLOSE-WAIT"),
            .choice("fault", "b", of: "abcd", advice: closeAdvice),
        ])

    /// What helps whoever takes another fault for that of mystery 4.
    private static let closeAdvice = """
        strace -f -p PID shows what the server's threads call. What does recvfrom return when the
            client has no more to say, and what comes after it?
        """
}
