// The results: as data, and as tables for a terminal. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A run's results.
public struct Report: Codable, Sendable {
    /// When it began, or when an experiment in it was last repeated: UTC, as ISO 8601 writes it.
    public var measured: String
    /// Where it ran.
    public let machine: Machine
    /// Seconds of a measurement.
    public let seconds: Double
    /// How often each was repeated.
    public let rounds: Int
    /// Threads of the load.
    public let loadThreads: Int
    /// Whether only to see that everything works: its figures mean nothing.
    public let isQuick: Bool
    /// What was found, experiment by experiment.
    public var findings: [Finding] = []

    /// Creates a report without findings.
    public init(_ bench: Bench, rounds: Int) {
        measured = Self.now
        machine = Machine(root: bench.root)
        seconds = bench.seconds
        loadThreads = bench.threads
        isQuick = bench.isQuick
        self.rounds = rounds
    }

    /// Reads a report from a file.
    public init(from file: URL) throws {
        self = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
    }

    /// The time of day, as `measured` has it.
    private static var now: String { Date().formatted(.iso8601) }

    /// The report with another's findings in the place of its own about the same.
    ///
    /// - Throws: A failure if the other was measured elsewhere, or differently.
    public func updated(with other: Report) throws -> Report {
        guard machine == other.machine, seconds == other.seconds, rounds == other.rounds,
            loadThreads == other.loadThreads, isQuick == other.isQuick
        else { throw Failure("measured on another machine, or with other settings") }
        var updated = self
        updated.measured = other.measured
        for finding in other.findings {
            if let index = findings.firstIndex(where: { $0.name == finding.name }) {
                updated.findings[index] = finding
            } else {
                updated.findings.append(finding)
            }
        }
        return updated
    }

    /// Writes the report as JSON.
    public func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: file)
    }
}

/// What a figure depends on beside the code; nothing that names the machine.
public struct Machine: Codable, Equatable, Sendable {
    /// The operating system's name and version.
    public let system: String
    /// The kernel and its version.
    public let kernel: String
    /// The processor's kind.
    public let architecture: String
    /// The processor's name, where the system tells it.
    public let processor: String?
    /// Cores.
    public let cores: Int
    /// Memory, in GiB.
    public let memory: Int
    /// The compiler's version.
    public let swift: String
    /// The packages' versions.
    public let packages: [String: String]

    /// Asks the system.
    init(root: URL) {
        var name = utsname()
        uname(&name)
        func text<Characters>(_ characters: Characters) -> String {
            withUnsafeBytes(of: characters) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        system = ProcessInfo.processInfo.operatingSystemVersionString
        kernel = "\(text(name.sysname)) \(text(name.release))"
        architecture = text(name.machine)
        let info = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let model = info?.split(separator: "\n").first { $0.hasPrefix("model name") }
        processor = model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        cores = ProcessInfo.processInfo.activeProcessorCount
        memory = Int((Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)).rounded())
        let version = try? Command.run(["swift", "--version"])
        swift = version?.split(separator: "\n").first.map(String.init) ?? "unknown"
        packages = Self.packages(in: root.appendingPathComponent("Tests/Benchmarks"))
    }

    /// The versions that SwiftPM has chosen for a package's dependencies.
    private static func packages(in package: URL) -> [String: String] {
        /// The part of Package.resolved that matters.
        struct Resolved: Decodable {
            /// One package.
            struct Pin: Decodable {
                /// Its name.
                let identity: String
                /// What was chosen.
                let state: [String: String]
            }
            /// All of them.
            let pins: [Pin]
        }
        let file = package.appendingPathComponent("Package.resolved")
        guard let data = try? Data(contentsOf: file),
            let resolved = try? JSONDecoder().decode(Resolved.self, from: data)
        else { return [:] }
        let versions = resolved.pins.map { ($0.identity, $0.state["version"] ?? "unknown") }
        return Dictionary(versions, uniquingKeysWith: { first, _ in first })
    }
}

extension Finding {
    /// The finding as tables, one a group: the median, in brackets the least and the greatest value,
    /// and how many times the first row's value it is.
    public var table: String {
        var lines = ["", "\(name): \(question)"]
        for group in rows.map(\.group).unique {
            lines.append("\n  \(group)")
            for row in rows where row.group == group {
                lines.append("    \(row.name)" + (row.failure.map { ": \($0)" } ?? ""))
                for metric in row.metrics {
                    guard let summary = row.summaries[metric] else { continue }
                    lines.append(
                        "      \(metric.padding(toLength: 28, withPad: " ", startingAt: 0))"
                            + summary.text)
                }
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Summary {
    /// The summary in words.
    fileprivate var text: String {
        func figure(_ value: Double) -> String {
            String(format: abs(value) < 10 ? "%.3f" : abs(value) < 100 ? "%.1f" : "%.0f", value)
        }
        let spread = values.count > 1 ? " (\(figure(least)) to \(figure(greatest)))" : ""
        return figure(median) + spread + (ratio.map { String(format: ", x %.2f", $0) } ?? "")
    }
}
