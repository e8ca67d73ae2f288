// The settings of a run, and the measurements that most experiments share.
// SPDX-License-Identifier: Apache-2.0

import CRing
import Foundation
import Histogram

/// A run's settings, and the programs that it measures.
public struct Bench: Sendable {
    /// The folder of the stages' executables.
    public var stages: URL
    /// The folder of the peers' executables, and ours.
    public var peers: URL
    /// The workbook's root folder.
    public var root: URL
    /// Programs that are put beside the stages.
    public var others: [Program] = []
    /// Seconds of a measurement; as long again, up to half a second, is not measured before.
    public var seconds = 1.5
    /// Threads of the load.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// Whether to see only that everything works: short, with few clients.
    public var isQuick = false

    /// Creates settings.
    public init(stages: URL, peers: URL, root: URL) {
        (self.stages, self.peers, self.root) = (stages, peers, root)
    }

    /// A stage.
    func stage(_ name: String) -> Program {
        Program(name: name, command: [stages.appendingPathComponent(name).path])
    }

    /// A peer, with arguments.
    func peer(_ executable: String, _ arguments: [String] = [], as name: String) -> Program {
        let path = peers.appendingPathComponent(executable).path
        return Program(name: name, command: [path] + arguments)
    }

    /// What the machine can do: one loop a core, in C.
    var floor: Program { peer("Floor", as: "C, event loop") }
    /// The loop of stage 1, in C.
    var oneAtATime: Program {
        peer("Threads", ["-1", "-b", "1024"], as: "C, one at a time")
    }
    /// The loop of stage 2, in C, with its log.
    var threadEach: Program { peer("Threads", ["-e"], as: "C, a thread each") }
    /// Other ways to write stage 3.
    var ways: [Program] {
        [
            peer("HandlerEcho", as: "NIO, ChannelHandler"),
            peer("PoolEcho", as: "stage 3 on the pool"),
            peer("BridgeEcho", as: "NIO, lean bridge"),
            peer("LoopEcho", as: "async on own loop"),
        ] + rings
    }
    /// The own loop on io_uring, where the system has it.
    var rings: [Program] {
        ring_is_allowed() ? [peer("RingEcho", as: "async on io_uring")] : []
    }
    /// Every server that echoes to many.
    var echoes: [Program] {
        [floor] + ["Stage2-Threads", "Stage3-Async", "Stage6-Shutdown"].map(stage) + ways + others
    }

    /// A number of clients, or the smaller one that a quick run is content with.
    func count(_ full: Int, quick: Int) -> Int { isQuick ? quick : full }

    /// Rate, cost and latency of a program under a load.
    func roundTrips(_ program: Program, clients: Int, _ message: Message) throws -> Sample {
        let server = try Server.start(program)
        defer { server.stop() }
        var usages: [(usage: Usage, switches: Double?, machine: Double?)] = []
        let extent = Load.Extent.time(seconds, warmUp: min(seconds, 0.5))
        let load = Load(clients: clients, message: message, extent: extent, threads: threads)
        let outcome = try load.run(port: server.port) {
            // Processor time first: it belongs to the moments when the measured time begins and ends.
            let usage = try Usage.of(server.pid)
            usages.append((usage, Usage.switches(of: server.pid), Usage.machineCPU))
        }
        guard outcome.messages > 0 else {
            guard isQuick, seconds < 2 else { throw Failure("no message was answered") }
            // So short a time may pass on a busy machine without the server's turn to run.
            var patient = self
            patient.seconds = 2
            return try patient.roundTrips(program, clients: clients, message)
        }
        let count = Double(outcome.messages)
        let cpu = usages[1].usage.cpu - usages[0].usage.cpu
        let percentile = { Double(outcome.latency.valueAtPercentile($0)) / 1000 }
        var sample: Sample = [
            (.rate, count / outcome.seconds),
            (.cpu, cpu * 1e6 / count),
            (.p50, percentile(50)), (.p99, percentile(99)), (.p999, percentile(99.9)),
            (.gained, Gain(from: usages[0].usage, to: usages[1].usage).megabytes),
            (.loadCPU, outcome.loadCPU * 1e6 / count),
            (.loadBusy, outcome.loadCPU / outcome.seconds / Double(min(threads, clients))),
        ]
        if let before = usages[0].switches, let after = usages[1].switches {
            sample.append((.switches, (after - before) / count))
        }
        if let before = usages[0].machine, let after = usages[1].machine {
            let others = after - before - cpu - outcome.loadCPU
            sample.append((.others, max(others, 0) / outcome.seconds))
        }
        return sample
    }

    /// Cases of one load for several programs.
    func roundTrips(
        _ group: String, _ programs: [Program], clients: Int, _ message: Message
    ) -> [Case] {
        programs.map { program in
            Case(group: group, name: program.name) {
                try roundTrips(program, clients: clients, message)
            }
        }
    }
}
