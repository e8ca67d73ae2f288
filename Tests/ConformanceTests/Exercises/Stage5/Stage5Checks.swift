// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Lab {
    /// The stage's source, without comments and without its codec; nil for a reader's own program.
    var source: String? {
        guard !program.isForeign else { return nil }
        let folder = Stage.package.appendingPathComponent(Stage.codec.name)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".swift") && $0 != "FrameCodec.swift" }.sorted()
            .compactMap {
                try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
            }
            .joined(separator: "\n").split(separator: "\n")
            .map { $0.components(separatedBy: "//")[0] }.joined(separator: "\n")
    }
}
