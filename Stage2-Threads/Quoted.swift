// What a peer has sent, made fit for the log. The same file in stages 2, 4 and 5.
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in quotes: at most 80 Unicode scalars, none of which a terminal takes as a command.
    ///
    /// `debugDescription` would let through U+009B, which starts a terminal command, and U+202E,
    /// which reverses the text after it.
    var quoted: String {
        var quoted = "\""
        let shown = unicodeScalars.prefix(80)
        for scalar in shown {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.isHarmless: quoted.unicodeScalars.append(scalar)
            default: quoted += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return quoted + (shown.endIndex == endIndex ? "\"" : "\"…")
    }
}

extension Unicode.Scalar {
    /// Whether a terminal just shows the scalar.
    fileprivate var isHarmless: Bool {
        // Looking up a category costs more than all else here, and ASCII doesn't need it.
        if isASCII { return (0x20...0x7e).contains(value) }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            return false
        default:
            return true
        }
    }
}
