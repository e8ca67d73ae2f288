// SPDX-License-Identifier: Apache-2.0

/// 6.1 A goodbye.
enum Exercise6_1 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.build(
        lesson: .terminateIdle, red: Symptom.killed,
        also: [.pausesForShortageOnly(.shutdown)])
}
