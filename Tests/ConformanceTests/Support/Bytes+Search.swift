// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Long arrays are compared and searched by the C library: tests are built for debugging, where a
/// loop of ours takes seconds for 16 MiB.
extension [UInt8] {
    /// Whether both are the same bytes.
    func isSame(as other: [UInt8]) -> Bool {
        count == other.count && isEqual(to: other, 0, 0, count)
    }

    /// Whether `part` is what stands at this position.
    func continues(with part: [UInt8], at position: Int) -> Bool {
        position + part.count <= count
            && firstDifference(from: part, at: position) == position + part.count
    }

    /// The first position from `start` on at which `other`, laid there, differs or ends.
    func firstDifference(from other: [UInt8], at start: Int = 0) -> Int {
        let end = Swift.min(count, start + other.count)
        var position = start
        var size = 1 << 16
        while position < end {
            let length = Swift.min(size, end - position)
            if isEqual(to: other, position, position - start, length) {
                position += length
            } else if length == 1 {
                return position
            } else {
                size = (length + 1) / 2
            }
        }
        return end
    }

    private func isEqual(to other: [UInt8], _ here: Int, _ there: Int, _ length: Int) -> Bool {
        withUnsafeBytes { ours in
            other.withUnsafeBytes { theirs in
                guard let ours = ours.baseAddress, let theirs = theirs.baseAddress else {
                    return true
                }
                return memcmp(ours + here, theirs + there, length) == 0
            }
        }
    }

    /// Where `pattern` occurs first, from a position on; nil if it doesn't.
    func firstIndex(of pattern: [UInt8], from start: Int = 0) -> Int? {
        var position = start
        while let candidate = firstIndex(of: pattern[0], from: position) {
            if continues(with: pattern, at: candidate) { return candidate }
            position = candidate + 1
        }
        return nil
    }

    private func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        withUnsafeBytes { all in
            guard let all = all.baseAddress,
                let found = memchr(all + start, Int32(byte), count - start)
            else { return nil }
            return UnsafeRawPointer(found) - all
        }
    }

    /// The bytes without any occurrence of `pattern`.
    func removing(_ pattern: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var position = 0
        while let next = firstIndex(of: pattern, from: position) {
            result += self[position..<next]
            position = next + pattern.count
        }
        return result + self[position...]
    }
}
