// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What clients and server did, step by step, for whoever has to understand a failure.
final class Timeline: @unchecked Sendable {
    private struct Step {
        let text: String
        let isTurn: Bool
        var count = 1
    }

    private let lock = NSLock()
    private var steps: [Step] = []

    /// Adds a step; the same one again is counted, not repeated.
    ///
    /// - Parameters:
    ///   - step: What happened.
    ///   - isTurn: Whether all that follows depends on it, so that no long story may leave it out.
    func add(_ step: String, isTurn: Bool = false) {
        lock.withLock {
            if let last = steps.last, last.text == step {
                steps[steps.count - 1].count += 1
            } else {
                steps.append(Step(text: step, isTurn: isTurn))
            }
        }
    }

    /// The steps, numbered, a line each; of a long story the beginning, the turns and the end.
    var text: String {
        let steps = lock.withLock { self.steps }
        let isLong = steps.count > 16
        // Of many turns alike, twenty signals for twenty servers, the last ones tell enough.
        let turns = Set(steps.indices.filter { steps[$0].isTurn }.suffix(6))
        var lines: [String] = []
        var omitted = 0
        for (index, step) in steps.enumerated() {
            if isLong, index >= 6, index < steps.count - 8, !turns.contains(index) {
                omitted += 1
                continue
            }
            if omitted > 0 {
                lines.append("     … \(omitted) more \(omitted == 1 ? "step" : "steps") …")
            }
            omitted = 0
            let count = step.count > 1 ? "  (\(step.count) times)" : ""
            lines.append("  \(index + 1). \(step.text)\(count)")
        }
        return lines.joined(separator: "\n")
    }
}

extension Collection<UInt8> {
    /// Up to 16 bytes, in hexadecimal and as text, for a line of a report.
    var dump: String {
        if isEmpty { return "(nothing)" }
        let shown = prefix(16)
        let hex = shown.map { String(format: "%02x", $0) }.joined(separator: " ")
        let text = String(
            shown.map { (0x20...0x7e).contains($0) ? Character(Unicode.Scalar($0)) : "." })
        let padded = hex.padding(toLength: 47, withPad: " ", startingAt: 0)
        return "\(padded)  |\(text)|" + (count > 16 ? " …" : "")
    }
}

/// A number of bytes in words, with the bytes themselves if they are few.
func inWords(_ bytes: some Collection<UInt8>) -> String {
    let count = bytes.count == 1 ? "1 byte" : "\(bytes.count) bytes"
    guard (1...16).contains(bytes.count) else { return count }
    let isText = bytes.allSatisfy { (0x20...0x7e).contains($0) }
    let hex = bytes.map { String(format: "%02x", $0) }.joined(separator: " ")
    return count + ": " + (isText ? "\"\(String(decoding: Array(bytes), as: UTF8.self))\"" : hex)
}

/// Shows two byte sequences around the first position at which they differ.
func difference(expected: [UInt8], received: [UInt8]) -> String {
    let position = expected.firstDifference(from: received)
    let start = max(0, position / 8 * 8 - (position % 8 < 4 ? 8 : 0))
    func name(_ bytes: [UInt8]) -> String {
        guard position < bytes.count else { return "nothing more" }
        let byte = bytes[position]
        let isText = (0x20...0x7e).contains(byte)
        let hex = String(format: "%02x", byte)
        return isText ? "\(hex) '\(Character(Unicode.Scalar(byte)))'" : hex
    }
    let caret = String(repeating: " ", count: 11 + 3 * (position - start)) + "^^"
    return """
          expected \(expected.dropFirst(start).dump)
          received \(received.dropFirst(start).dump)
        \(caret) byte \(position) of \(expected.count): \
        expected \(name(expected)), received \(name(received))
        """
}
