// SPDX-License-Identifier: Apache-2.0

/// 4.2 A limit that comes late.
enum Exercise4_2 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.breaking([
        .oneTooLong, .signBit, .allOnes, .refusalEnds, .refusedNonReader, .sameOutcome,
    ])
}
