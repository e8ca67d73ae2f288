// SPDX-License-Identifier: Apache-2.0

/// Random numbers that are the same in every run, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Starts a sequence.
    init(_ seed: UInt64) { state = seed }

    /// The next number (splitmix64).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// So many random bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for start in stride(from: 0, to: count, by: 8) {
            var word = next()
            for index in start..<Swift.min(start + 8, count) {
                bytes[index] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
        }
        return bytes
    }

    /// So many letters, random up to a period that fits no buffer's size.
    mutating func text(_ count: Int) -> [UInt8] {
        let period = bytes(Swift.min(count, 65_521)).map { 0x61 + $0 % 26 }
        var text: [UInt8] = []
        text.reserveCapacity(count + period.count)
        while text.count < count { text += period }
        return Array(text.prefix(count))
    }
}
