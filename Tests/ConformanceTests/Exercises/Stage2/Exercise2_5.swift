// SPDX-License-Identifier: Apache-2.0

/// 2.5 Mystery 5.
enum Exercise2_5 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.diagnose(
        mystery: 5, shownBy: .neverReaderNeighbour,
        red: Symptom.neighbourWaits,
        [
            .choice("who", "c", of: "abcd", advice: whoAdvice),
            .choice("where", "c", of: "abcd", advice: whereAdvice),
        ])

    /// What helps with the question of mystery 5 which client is to blame.
    private static let whoAdvice = """
        Play all four, one after the other, with a second client beside each. Which of them makes the
            second one wait?
        """

    /// What helps with the question of mystery 5 where the other client's line is.
    private static let whereAdvice = """
        ss -tn 'sport = :8080', while the others wait: Recv-Q counts what the server hasn't read yet,
            Send-Q what it has sent and the client hasn't taken. Then: in which call do threads sleep?
        """
}
