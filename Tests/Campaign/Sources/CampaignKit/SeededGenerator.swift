// Chance that can be repeated. SPDX-License-Identifier: Apache-2.0

/// Random numbers that are the same in every run with the same seed (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    /// Where the sequence stands.
    private var state: UInt64

    /// Starts a sequence.
    init(_ seed: UInt64) { state = seed }

    /// Starts the sequence of one of many clients: another one for every number.
    init(_ seed: UInt64, client: Int) {
        var seeds = SeededGenerator(
            seed ^ UInt64(truncatingIfNeeded: client) &* 0xd6e8_feb8_6659_fd93)
        self.init(seeds.next())
    }

    /// The next number.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// So many bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            withUnsafeBytes(of: next().littleEndian) { bytes += $0 }
        }
        return Array(bytes.prefix(count))
    }

    /// A size between two, small ones as likely as large ones.
    mutating func size(_ least: Int, _ most: Int) -> Int {
        let bits = Int.random(
            in: 0...(most - least + 1).bitWidth - (most - least + 1).leadingZeroBitCount - 1,
            using: &self)
        let ceiling = min(most - least, (2 << bits) - 1)
        return least + Int.random(in: 0...ceiling, using: &self)
    }

    /// Whether something happens that happens in so many of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
