// What is measured: experiments, of groups, of cases. SPDX-License-Identifier: Apache-2.0

/// A quantity, under the name and in the unit that the report shows.
public struct Metric: Hashable, Sendable {
    /// The name.
    let name: String

    /// Messages answered in a second.
    static let rate = Metric(name: "messages/s")
    /// The server's processor time for a message.
    static let cpu = Metric(name: "CPU us/message")
    /// The time that half of the requests stay under.
    static let p50 = Metric(name: "p50 us")
    /// The time that 99 % of the requests stay under.
    static let p99 = Metric(name: "p99 us")
    /// The time that 99.9 % of the requests stay under.
    static let p999 = Metric(name: "p99.9 us")
    /// How often the kernel takes a processor from one of the server's threads for a message.
    static let switches = Metric(name: "switches/message")
    /// The load's own processor time for a message.
    static let loadCPU = Metric(name: "load CPU us/message")
    /// How much of their time the load's threads run; near 1, they hold the server up.
    static let loadBusy = Metric(name: "load busy")
    /// How many cores others kept busy meanwhile, other virtual machines on the same host among them:
    /// a figure next to much of it means little.
    static let others = Metric(name: "cores busy elsewhere")
    /// Time, in seconds.
    static let seconds = Metric(name: "seconds")
    /// Time, in milliseconds.
    static let milliseconds = Metric(name: "ms")
    /// Memory in use for each client, thread or task.
    static let residentEach = Metric(name: "resident kB each")
    /// Memory in use, all of it.
    static let resident = Metric(name: "resident MB")
    /// Addresses in use for each client, thread or task.
    static let virtualEach = Metric(name: "virtual kB each")
    /// The server's threads.
    static let threads = Metric(name: "threads")
    /// What the kernel holds for a client's thread, outside the process's memory.
    static let kernelStackEach = Metric(name: "kernel stack kB each")
    /// What the kernel holds to find a client's memory, outside the process's memory.
    static let pageTablesEach = Metric(name: "page tables kB each")
    /// Clients served in a second.
    static let connectsPerSecond = Metric(name: "connections/s")
    /// The server's processor time for a client.
    static let cpuPerConnection = Metric(name: "CPU us/connection")
    /// Connections that found the kernel's queue full, so that their SYN had to be sent again.
    static let overflows = Metric(name: "found the queue full")
    /// The most memory in use for a frame, divided by the frame's size.
    static let timesItsSize = Metric(name: "times its size")
    /// Time for each thread or task.
    static let microsecondsEach = Metric(name: "us each")
    /// Memory in use at the end of a load and not at its beginning, behind a warm-up (Gain.swift).
    static let gained = Metric(name: "MB gained")
    /// The same for each message.
    static let gainedEach = Metric(name: "B gained each")
    /// System calls for a message.
    static let calls = Metric(name: "system calls/message")
    /// Allocations for a message.
    static let allocations = Metric(name: "allocations/message")

    /// How often one system call is made for a message.
    static func call(_ name: String) -> Metric { Metric(name: "\(name)/message") }
}

/// What one measurement found, in the order in which the report shows it.
typealias Sample = [(metric: Metric, value: Double)]

/// One row: a server, or a setting of one.
struct Case: Sendable {
    /// What is compared: rows of one group have the same load.
    let group: String
    /// The server.
    let name: String
    /// Measures once.
    let measure: @Sendable () throws -> Sample
}

/// A claim, and the measurement that tests it.
public struct Experiment: Sendable {
    /// What the command line calls it.
    public let name: String
    /// What it is to find out.
    public let question: String
    /// Whether it is too slow, or too exact, to be worth repeating.
    var runsOnce = false
    /// Its rows; the first of a group is what the others are compared with.
    var cases: [Case]
}

extension Experiment {
    /// The same experiment with only those rows whose load and name contain a text.
    public func filtered(by text: String) -> Experiment {
        var filtered = self
        filtered.cases = cases.filter { "\($0.group), \($0.name)".contains(text) }
        return filtered
    }

    /// Measures in paired rounds, every row of a group once a round; says before each what comes.
    func run(rounds: Int, announce: (String) -> Void) throws -> Finding {
        var rows: [Finding.Row] = []
        for group in cases.map(\.group).unique {
            let members = cases.filter { $0.group == group }
            var samples = [[Sample]](repeating: [], count: members.count)
            var failures = [String?](repeating: nil, count: members.count)
            for round in 1...(runsOnce ? 1 : rounds) {
                for (index, member) in members.enumerated() where failures[index] == nil {
                    announce("\(name): \(group), \(member.name), round \(round)")
                    do {
                        samples[index].append(try member.measure())
                    } catch let interruption as Interruption {
                        throw interruption
                    } catch {
                        failures[index] = "\(error)"
                    }
                }
            }
            for (index, member) in members.enumerated() {
                rows.append(
                    Finding.Row(
                        group: group, name: member.name, samples: samples[index],
                        base: index == 0 ? nil : samples[0],
                        failure: failures[index] ?? Gain.complaint(about: samples[index])))
            }
        }
        return Finding(name: name, question: question, rows: rows)
    }
}

/// What an experiment found.
public struct Finding: Codable, Sendable {
    /// One server, or one setting, under one load.
    public struct Row: Codable, Sendable {
        /// The load.
        public let group: String
        /// The server.
        public let name: String
        /// The names of what was measured, in the order to show them.
        public let metrics: [String]
        /// What was measured.
        public let summaries: [String: Summary]
        /// Why there is nothing, or less, if something went wrong.
        public let failure: String?

        /// Summarises a row's samples, compared with those of the group's first row.
        init(group: String, name: String, samples: [Sample], base: [Sample]?, failure: String?) {
            func values(_ metric: Metric, _ samples: [Sample]) -> [Double] {
                samples.compactMap { sample in sample.first { $0.metric == metric }?.value }
            }
            let measured = samples.first?.map(\.metric) ?? []
            self.group = group
            self.name = name
            self.failure = failure
            metrics = measured.map(\.name)
            let summaries = measured.map { metric in
                let base = base.map { values(metric, $0) }
                return (metric.name, Summary(values(metric, samples), base: base))
            }
            self.summaries = Dictionary(summaries, uniquingKeysWith: { first, _ in first })
        }
    }

    /// The experiment.
    public let name: String
    /// What it was to find out.
    public let question: String
    /// What was found.
    public let rows: [Row]
}

extension [String] {
    /// The same without repetitions, in the order of first appearance.
    var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
