// SPDX-License-Identifier: Apache-2.0

/// 5.3 Half a message is not enough.
enum Exercise5_3 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.breaking([.truncatedHeader, .truncatedPayload, .sameOutcome])
}
