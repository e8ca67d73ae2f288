// SPDX-License-Identifier: Apache-2.0

/// 2.2 The missing signal.
enum Exercise2_2 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.breaking(
        [.goneBeforeReply, .goneLog],
        // A rude client may have been gone when it is sent something, or not yet.
        byChance: [.crowd, .churn, .resetMidMessage, .resetBeforeAccept])
}
