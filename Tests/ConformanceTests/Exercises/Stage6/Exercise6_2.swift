// SPDX-License-Identifier: Apache-2.0

/// 6.2 Patience without end.
enum Exercise6_2 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.breaking([.stalledReader, .unreadLogEnd])
}
