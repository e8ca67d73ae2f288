// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Stage {
    /// The stage's files as they stand, without comments and texts.
    var code: [(name: String, text: String)] {
        let folder = Stage.package.appendingPathComponent(name)
        let files = FileManager.default.enumerator(atPath: folder.path)
        let names = (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }
        return names.sorted().map { file in
            let url = folder.appendingPathComponent(file)
            var text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            for pattern in [#"(?s)/\*.*?\*/"#, #""[^"\n]*""#, #"//[^\n]*"#] {
                text = text.replacingOccurrences(
                    of: pattern, with: "", options: .regularExpression)
            }
            return ("\(name)/\(file)", text)
        }
    }
}
