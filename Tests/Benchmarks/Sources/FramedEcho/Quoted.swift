// What a peer has sent, made fit for the log. The same file in stages 2, 4 and 5.
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in quotes: at most 80 Unicode scalars, none of which a terminal takes as a command.
    ///
    /// `debugDescription` would let through U+009B, which starts a terminal command, and U+202E,
    /// which reverses the text after it.
    var quoted: String {
        // Most text is plain, and is copied as it is: scalar by scalar would take ten times as long.
        let bytes = utf8.prefix(80)
        if bytes.allSatisfy(\.isPlain) {
            return "\"\(Substring(bytes))\"" + (bytes.endIndex == endIndex ? "" : "…")
        }
        let shown = unicodeScalars.prefix(80)
        let text = shown.map(\.escaped).joined()
        return "\"\(text)\"" + (shown.endIndex == endIndex ? "" : "…")
    }
}

extension UInt8 {
    /// Whether the byte is a printable ASCII character that needs no escape.
    fileprivate var isPlain: Bool {
        (0x20...0x7e).contains(self) && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }
}

extension Unicode.Scalar {
    /// The scalar itself if a terminal just shows it, else an escape as in a Swift literal.
    fileprivate var escaped: String {
        switch self {
        case "\"", "\\": "\\\(self)"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where isHarmless: String(self)
        default: "\\u{\(String(value, radix: 16, uppercase: true))}"
        }
    }

    /// Whether a terminal just shows the scalar.
    private var isHarmless: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
