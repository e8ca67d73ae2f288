// SPDX-License-Identifier: Apache-2.0

/// 4.1 Messages.
enum Exercise4_1 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.build(
        lesson: .twoInOneSegment, red: Symptom.otherBytes, also: [.forgetsTheRefused])
}
