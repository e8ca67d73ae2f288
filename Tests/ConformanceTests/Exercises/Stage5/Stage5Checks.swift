// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Lab {
    /// The stage's source, without comments and without its codec; nil for a reader's own program.
    var source: String? {
        guard !program.isForeign else { return nil }
        return Stage.codec.code.filter { !$0.name.hasSuffix("/FrameCodec.swift") }.map(\.text)
            .joined(separator: "\n")
    }
}
