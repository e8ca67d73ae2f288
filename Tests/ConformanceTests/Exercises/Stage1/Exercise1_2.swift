// SPDX-License-Identifier: Apache-2.0

/// 1.2 One send will do.
enum Exercise1_2 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.breaking([.bothSidesBlock])
}
