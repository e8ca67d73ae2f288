// The arithmetic of the report. SPDX-License-Identifier: Apache-2.0

/// What repeated measurements of one quantity come to.
public struct Summary: Codable, Equatable, Sendable {
    /// The measured values, in the order of the rounds.
    public let values: [Double]
    /// The value in the middle.
    public let median: Double
    /// The least.
    public let least: Double
    /// The greatest.
    public let greatest: Double
    /// The median of what the same round's value of the first row goes into this one.
    public let ratio: Double?

    /// Summarises values; with `base`, the first row's values in the same rounds, has a ratio too.
    ///
    /// A ratio within a round, because a shared machine is slow for a while, not for one server.
    public init(_ values: [Double], base: [Double]? = nil) {
        self.values = values
        median = Self.median(of: values)
        least = values.min() ?? .nan
        greatest = values.max() ?? .nan
        let pairs = zip(values, base ?? []).filter { $0.1 != 0 }
        ratio = pairs.isEmpty ? nil : Self.median(of: pairs.map { $0.0 / $0.1 })
    }

    /// The value in the middle, or the mean of the two there.
    static func median(of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
