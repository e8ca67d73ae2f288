// SPDX-License-Identifier: Apache-2.0

/// 3.4 A write that nobody awaits.
enum Exercise3_4 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.breaking([
        .neverReaderMemory, .bothSidesBlock, .halfCloseLarge, .halfCloseAnySize,
    ])
}
