// SPDX-License-Identifier: Apache-2.0

/// 2.1 A thread for every client.
enum Exercise2_1 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.build(
        lesson: .secondClient,
        red: Symptom.secondWaits,
        also: [.pausesForShortageOnly(.threads)])
}
