// What the workbook's servers aim at, and whether a run reached it. SPDX-License-Identifier: Apache-2.0

/// A figure that has to be large enough, or small enough.
struct Aim {
    /// What it is about.
    let subject: String
    /// The experiment, the load and the server whose figure counts.
    let experiment, group, name: String
    /// The quantity.
    let metric: Metric
    /// The row that it is compared with, if it is a ratio; the group's first row, if nil.
    var base: String?
    /// Whether the ratio counts, and not the figure itself.
    var isRatio = true
    /// What the figure must not fall below.
    var least: Double?
    /// What the figure must not exceed.
    var most: Double?

    /// The figure in a run's results; nil if it was not measured.
    func value(in report: Report) -> Double? {
        let finding = report.findings.first { $0.name == experiment }
        let rows = finding?.rows.filter { $0.group == group } ?? []
        let summary = rows.first { $0.name == name }?.summaries[metric.name]
        guard isRatio else { return summary?.median }
        guard let base else { return summary?.ratio }
        let other = rows.first { $0.name == base }?.summaries[metric.name]
        return summary.flatMap { Summary($0.values, base: other?.values).ratio }
    }

    /// Whether a figure is what is aimed at.
    func isMet(by value: Double) -> Bool {
        value >= least ?? -.infinity && value <= most ?? .infinity
    }

    /// All aims, in the order of the stages.
    static let all: [Aim] = {
        var aims: [Aim] = []
        for (stage, name, least, loads) in [
            ("stage 1", "Stage1-Sync", 0.97, ["64 B x 1", "16 KiB x 1"]),
            ("stage 2", "Stage2-Threads", 0.95, ["64 B x 1", "64 B x 50", "16 KiB x 50"]),
        ] {
            for load in loads {
                let aim = { (what: String, metric: Metric, least: Double?, most: Double?) in
                    Aim(
                        subject: "\(name), \(load): \(what), times C", experiment: "blocking",
                        group: "\(stage), \(load)", name: name, metric: metric, least: least,
                        most: most)
                }
                aims.append(aim("rate", .rate, least, nil))
                aims.append(aim("CPU a message", .cpu, nil, 1.15))
            }
        }
        aims.append(memory("Stage2-Threads", most: 14))
        for name in ["Stage3-Async", "Stage6-Shutdown"] {
            aims.append(rate(name, "64 B x 50", least: 0.65))
            aims.append(rate(name, "16 KiB x 50", least: 0.5))
            aims.append(
                Aim(
                    subject: "\(name), 10,000 connects answered: time, times the floor's",
                    experiment: "connections", group: "10000 clients", name: name,
                    metric: .seconds, most: 1.5))
            aims.append(memory(name, most: 8))
        }
        aims += beneath
        for name in ["Stage4-Framing", "Stage5-Codec"] {
            aims.append(
                Aim(
                    subject: "\(name), 16 frames at a time: rate, times a write for every reply",
                    experiment: "frames", group: "256 B x 50, 16 at a time", name: name,
                    metric: .rate, least: 4))
        }
        for number in [1, 16] {
            aims.append(
                Aim(
                    subject: "Stage5-Codec, \(number) at a time: rate, times stage 4's",
                    experiment: "frames", group: "256 B x 50, \(number) at a time",
                    name: "Stage5-Codec", metric: .rate, base: "Stage4-Framing", least: 0.9))
        }
        for name in ["Stage4-Framing", "Stage5-Codec"] {
            aims.append(
                Aim(
                    subject: "\(name), a frame of 16 MiB: memory, times its size",
                    experiment: "large-frame", group: "a frame of 16 MiB", name: name,
                    metric: .timesItsSize, isRatio: false, most: 2))
        }
        aims.append(
            Aim(
                subject: "Stage 3 edited, to the verdict of its checks: seconds",
                experiment: "learner", group: "a copy of the workbook", name: "debug build",
                metric: Metric(name: "stage 3 edited, its checks s"), isRatio: false, most: 20))
        return aims
    }()

    /// What the own loops aim at, beside the floor.
    private static var beneath: [Aim] {
        let own = "async on own loop"
        var aims: [Aim] = []
        for load in [
            "64 B x 1", "64 B x 50", "64 B x 500", "16 KiB x 1", "16 KiB x 50", "16 KiB x 500",
        ] {
            aims.append(rate(own, load, least: 1))
            aims.append(
                Aim(
                    subject: "\(own), \(load): 99 % of round trips, times the floor's",
                    experiment: "roundtrips", group: load, name: own, metric: .p99, most: 2))
        }
        aims.append(
            Aim(
                subject: "\(own), 10,000 connects answered: time, times the floor's",
                experiment: "connections", group: "10000 clients", name: own, metric: .seconds,
                most: 1.1))
        aims.append(
            Aim(
                subject: "\(own), clients that come and go: rate, times the floor's",
                experiment: "churn", group: "5000, one after the other", name: own,
                metric: .connectsPerSecond, least: 0.91))
        // The floor keeps a number for each client, and no more: 0 kB, which nothing is a ratio of.
        aims.append(memory(own, most: 2))
        aims.append(rate("async on io_uring", "64 B x 50", least: 1.05))
        aims.append(
            Aim(
                subject: "async on io_uring, 64 B x 50: system calls a message",
                experiment: "beneath", group: "64 B x 50", name: "async on io_uring",
                metric: .calls, isRatio: false, most: 0.2))
        return aims
    }

    /// An aim for a rate beside the floor's.
    private static func rate(_ name: String, _ load: String, least: Double) -> Aim {
        Aim(
            subject: "\(name), \(load): rate, times the floor's", experiment: "roundtrips",
            group: load, name: name, metric: .rate, least: least)
    }

    /// An aim for the memory of a silent client.
    private static func memory(_ name: String, most: Double) -> Aim {
        Aim(
            subject: "\(name), 10,000 clients: memory in use for each, kB",
            experiment: "connections", group: "10000 clients", name: name,
            metric: .residentEach, isRatio: false, most: most)
    }
}
