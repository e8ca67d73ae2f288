// What is commonly said about servers, and whether a run bears it out.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something that is commonly said, as a ratio of two figures.
public struct Verdict: Sendable {
    /// What is said.
    public let lore: String
    /// Which two are compared, and in what.
    let compared: String
    /// The experiment, and the load.
    let experiment, group: String
    /// The server whose figure is divided by the other's.
    let name, base: String
    /// The quantity.
    let metric: Metric
    /// It is true if the ratio doesn't fall below this, in nearly every round.
    var least: Double?
    /// And if it doesn't exceed this.
    var most: Double?

    /// What a run answers.
    public enum Answer: String, Codable, Sendable {
        /// It is so.
        case yes
        /// It isn't.
        case no
        /// More than one round in five contradicts the others.
        case unclear
    }

    /// What a run says about it.
    public struct Line: Codable {
        /// What is said.
        public let lore: String
        /// The median of the rounds' ratios.
        public let ratio: Double
        /// Whether it is true.
        public let answer: Answer
    }

    /// What the results say; nil if it was not measured.
    public func line(in report: Report) -> Line? {
        guard let (this, other) = summaries(in: report),
            let ratio = Summary(this.values, base: other.values).ratio
        else { return nil }
        let rounds = zip(this.values, other.values).filter { $0.1 != 0 }.map { $0.0 / $0.1 }
        let agreeing = rounds.count { $0 >= least ?? -.infinity && $0 <= most ?? .infinity }
        let few = rounds.count / 5
        let answer: Answer =
            rounds.count - agreeing <= few ? .yes : agreeing <= few ? .no : .unclear
        return Line(lore: lore, ratio: ratio, answer: answer)
    }

    /// The line as cells of a table; nil if it was not measured.
    func cells(in report: Report) -> [String]? {
        guard let line = line(in: report), let (this, other) = summaries(in: report) else {
            return nil
        }
        let figures = "\(this.median.inThreeDigits) : \(other.median.inThreeDigits)"
        let (ratio, isLarge) = (line.ratio, line.ratio >= 100)
        let text = isLarge ? ratio.inThreeDigits : String(format: "%.2f", ratio)
        let answer = line.answer == .no ? "**no**" : line.answer.rawValue
        return [lore, answer, "×" + text, figures, compared]
    }

    /// The two figures.
    private func summaries(in report: Report) -> (Summary, Summary)? {
        let finding = report.findings.first { $0.name == experiment }
        let rows = finding?.rows.filter { $0.group == group } ?? []
        guard let this = rows.first(where: { $0.name == name })?.summaries[metric.name],
            let other = rows.first(where: { $0.name == base })?.summaries[metric.name]
        else { return nil }
        return (this, other)
    }

    /// All that is said, in the order of the chapter.
    public static let all: [Verdict] = speed + memory + wire

    /// About languages, threads and tasks.
    private static let speed = [
        Verdict(
            lore: "One silent client stops a blocking server",
            compared: "stage 1 : stage 2, ms until the second client is answered",
            experiment: "second", group: "a silent client of 1000 ms", name: "Stage1-Sync",
            base: "Stage2-Threads", metric: .milliseconds, least: 10),
        Verdict(
            lore: "Swift is slower than C",
            compared: "stage 1 : the same loop in C, messages/s of 16 KiB",
            experiment: "blocking", group: "stage 1, 16 KiB x 1", name: "Stage1-Sync",
            base: "C, one at a time", metric: .rate, most: 0.9),
        Verdict(
            lore: "Async is faster than threads, for one client",
            compared: "stage 3 : stage 2, messages/s", experiment: "roundtrips",
            group: "64 B x 1", name: "Stage3-Async", base: "Stage2-Threads", metric: .rate,
            least: 1.1),
        Verdict(
            lore: "Async is faster than threads, for 500",
            compared: "stage 3 : stage 2, messages/s", experiment: "roundtrips",
            group: "64 B x 500", name: "Stage3-Async", base: "Stage2-Threads", metric: .rate,
            least: 1.1),
        Verdict(
            lore: "async/await is free",
            compared: "stage 3 : the same with callbacks, CPU µs/message of 50 clients",
            experiment: "roundtrips", group: "64 B x 50", name: "Stage3-Async",
            base: "NIO, ChannelHandler", metric: .cpu, most: 1.1),
    ]

    /// About memory.
    private static let memory = [
        Verdict(
            lore: "A thread costs the stack that it asks for",
            compared: "8 MiB : 128 KiB, kB of memory for each of 10,000", experiment: "stacks",
            group: "10000 clients", name: "C, stacks of 8192 KiB", base: "C, stacks of 128 KiB",
            metric: .residentEach, least: 2),
        Verdict(
            lore: "A task costs a fraction of a thread",
            compared: "task : thread, kB of memory for each that waits", experiment: "tasks",
            group: "10000, waiting", name: "tasks", base: "threads", metric: .residentEach,
            most: 0.5),
        Verdict(
            lore: "A client of tasks costs less than one of threads",
            compared: "stage 3 : stage 2, kB of memory for each of 10,000",
            experiment: "connections", group: "10000 clients", name: "Stage3-Async",
            base: "Stage2-Threads", metric: .residentEach, most: 0.8),
        Verdict(
            lore: "A buffer of 1 KiB is slow",
            compared: "64 KiB : 1 KiB, messages/s of 16 KiB", experiment: "buffers",
            group: "C, a thread each, 16 KiB x 50", name: "64 KiB", base: "1 KiB", metric: .rate,
            least: 2),
        Verdict(
            lore: "A buffer of 64 KiB costs 64 KiB",
            compared: "64 KiB : 8 KiB, kB of memory for each client", experiment: "buffers",
            group: "C, a thread each, 16 KiB x 50", name: "64 KiB", base: "8 KiB",
            metric: .residentEach, least: 4),
    ]

    /// About what goes over the wire.
    private static let wire = [
        Verdict(
            lore: "Nagle's algorithm makes a reply late",
            compared: "on : off, one write, µs for half of the round trips", experiment: "nagle",
            group: "256 B x 1", name: "Nagle on, one write", base: "Nagle off, one write",
            metric: .p50, least: 2),
        Verdict(
            lore: "… a reply that is written in two pieces",
            compared: "on, two writes : off, one write, µs", experiment: "nagle",
            group: "256 B x 1", name: "Nagle on, two writes", base: "Nagle off, one write",
            metric: .p50, least: 2),
        Verdict(
            lore: "Replies belong in one write",
            compared: "one write for 16 replies : 16 writes, frames/s", experiment: "frames",
            group: "256 B x 50, 16 at a time", name: "one write for all replies",
            base: "a write for every reply", metric: .rate, least: 2),
        Verdict(
            lore: "A codec costs speed",
            compared: "stage 5 : stage 4, frames/s, 16 at a time", experiment: "frames",
            group: "256 B x 50, 16 at a time", name: "Stage5-Codec", base: "Stage4-Framing",
            metric: .rate, most: 0.9),
        Verdict(
            lore: "A restart needs SO_REUSEADDR",
            compared: "without : with, seconds until it listens", experiment: "restart",
            group: "after a run with a client", name: "without SO_REUSEADDR",
            base: "with SO_REUSEADDR", metric: .seconds, least: 10),
        Verdict(
            lore: "A short accept queue makes a crowd wait",
            compared: "128 places : thousands, seconds for 2,000 clients", experiment: "backlog",
            group: "2000 at once", name: "C, backlog of 128",
            base: "C, backlog as large as allowed", metric: .seconds, least: 2),
    ]
}
