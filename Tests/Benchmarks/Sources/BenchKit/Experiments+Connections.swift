// Experiments about connections: how many, how soon, in how much memory.
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Bench {
    /// Memory of clients that have had one answer and are silent since, and the time to get there.
    func memory(_ program: Program, clients: Int, _ message: Message) throws -> Sample {
        let server = try Server.start(program)
        defer { server.stop() }
        try Clock.sleep(0.1)
        let (before, kernelBefore) = (try Usage.of(server.pid), Usage.kernel)
        let overflowsBefore = Usage.queueOverflows
        let start = Clock.now
        let descriptors = try Connection.open(clients, to: server.port)
        defer { Connection.closeAll(descriptors) }
        let load = Load(clients: clients, message: message, extent: .requests(1), threads: 1)
        let outcome = try load.run(on: descriptors, since: start)
        guard outcome.messages == clients * message.count else {
            throw Failure("an answer is missing")
        }
        try Clock.sleep(0.2)
        let (after, kernel) = (try Usage.of(server.pid), Usage.kernel)
        let each = { (bytes: Double) in bytes / Double(clients) / 1000 }
        var sample: Sample = [(.seconds, outcome.seconds)]
        if let overflows = Usage.queueOverflows, let overflowsBefore {
            sample.append((.overflows, overflows - overflowsBefore))
        }
        return sample + [
            (.residentEach, each(after.resident - before.resident)),
            (.virtualEach, each(after.virtual - before.virtual)),
            (.threads, after.threads),
            (.kernelStackEach, each(kernel.stacks - kernelBefore.stacks)),
            (.pageTablesEach, each(kernel.pageTables - kernelBefore.pageTables)),
        ]
    }

    /// Cases of one number of silent clients for several programs.
    private func memory(_ clients: Int, _ programs: [Program]) -> [Case] {
        programs.map { program in
            Case(group: "\(clients) clients", name: program.name) {
                try memory(program, clients: clients, Message(size: 64))
            }
        }
    }

    /// Silent clients, and how long it takes them to connect in a row and be answered.
    func connections() -> Experiment {
        // 600 are more than RingEcho has buffers: silent clients must not keep them.
        let counts = isQuick ? [50, 600] : [1000, 2500, 5000, 10_000]
        return Experiment(
            name: "connections", question: "What does a silent client cost, and how soon is it in?",
            cases: counts.flatMap { memory($0, echoes) })
    }

    /// What a thread's stack costs, by the size that was asked for.
    func stacks() -> Experiment {
        let programs = [128, 512, 8192].map {
            peer("Threads", ["-s", "\($0 << 10)"], as: "C, stacks of \($0) KiB")
        }
        return Experiment(
            name: "stacks", question: "What do the stacks of 10,000 threads cost?",
            cases: memory(count(10_000, quick: 100), programs + [stage("Stage2-Threads")]))
    }

    /// What a task costs beside a thread, both just waiting.
    func tasks() -> Experiment {
        let number = count(10_000, quick: 500)
        let cases = ["threads", "tasks"].map { kind in
            Case(group: "\(number), waiting", name: kind) {
                let path = peers.appendingPathComponent("bench").path
                let output = try Command.run([path, "cost", kind, "\(number)"])
                let cost = try JSONDecoder().decode(Cost.self, from: Data(output.utf8))
                return [
                    (.microsecondsEach, cost.microsecondsEach),
                    (.residentEach, cost.residentEach), (.virtualEach, cost.virtualEach),
                ]
            }
        }
        return Experiment(
            name: "tasks", question: "What does a task cost beside a thread?", cases: cases)
    }

    /// Clients that come, ask once and go.
    func churn() -> Experiment {
        let number = count(5000, quick: 200)
        let cases = echoes.map { program in
            Case(group: "\(number), one after the other", name: program.name) {
                let server = try Server.start(program)
                defer { server.stop() }
                try comeAndGo(number / 5, server)
                let before = try Usage.of(server.pid)
                let start = Clock.now
                try comeAndGo(number, server)
                let seconds = Clock.seconds(since: start)
                let after = try Usage.of(server.pid)
                return [
                    (.connectsPerSecond, Double(number) / seconds),
                    (.cpuPerConnection, (after.cpu - before.cpu) * 1e6 / Double(number)),
                    (.gained, Gain(from: before, to: after).megabytes),
                ]
            }
        }
        return Experiment(
            name: "churn", question: "What does it cost when clients come and go?", cases: cases)
    }

    /// Has clients connect, ask once and go, one after the other.
    private func comeAndGo(_ number: Int, _ server: Server) throws {
        for _ in 0..<number {
            try Interruption.check()
            let client = try Connection.open(to: server.port)
            defer { Connection.closeAll([client]) }
            try Connection.exchange(Message(size: 64), on: client)
        }
    }

    /// What a server has to do when its clients leave, those first who came first or came last.
    func leaving() -> Experiment {
        let programs = [ways[0], stage("Stage3-Async")] + ways[1...3]
        let counts = isQuick ? [50] : [1000, 10_000]
        let cases = counts.flatMap { number in
            [(order: "oldest first", newestFirst: false), ("newest first", true)].flatMap { leave in
                programs.map { program in
                    Case(group: "\(number), \(leave.order)", name: program.name) {
                        let server = try Server.start(program)
                        defer { server.stop() }
                        let clients = try Connection.open(number, to: server.port)
                        do {
                            for client in clients {
                                try Connection.exchange(Message(size: 64), on: client)
                            }
                        } catch {
                            Connection.closeAll(clients)
                            throw error
                        }
                        let before = try Usage.of(server.pid).cpu
                        Connection.closeAll(leave.newestFirst ? clients.reversed() : clients)
                        let cpu = try cpuWhenIdle(server) - before
                        return [(.cpuPerConnection, cpu * 1e6 / Double(number))]
                    }
                }
            }
        }
        return Experiment(
            name: "leaving", question: "What does it cost when many clients leave?", cases: cases)
    }

    /// Waits until a server has nothing more to do.
    ///
    /// - Returns: Its processor time since its start, in seconds.
    private func cpuWhenIdle(_ server: Server) throws -> Double {
        let limit = 30.0
        let start = Clock.now
        var last = try Usage.of(server.pid).cpu
        while Clock.seconds(since: start) < limit {
            try Clock.sleep(0.2)
            let now = try Usage.of(server.pid).cpu
            // A tick of a timer may pass; work does not fit in.
            if now - last < 0.0005 { return now }
            last = now
        }
        throw Failure("the server is still busy after \(Int(limit)) s")
    }

    /// Clients that all come at once, with a short queue and a long one.
    func backlog() -> Experiment {
        let number = count(2000, quick: 150)
        let programs = [
            peer("Threads", as: "C, backlog as large as allowed"),
            peer("Threads", ["-q", "128"], as: "C, backlog of 128"),
            stage("Stage2-Threads"), stage("Stage3-Async"),
        ]
        let cases = programs.map { program in
            Case(group: "\(number) at once", name: program.name) {
                let server = try Server.start(program)
                defer { server.stop() }
                var load = Load(
                    clients: number, message: Message(size: 64), extent: .requests(1), threads: 1)
                load.connectsInARow = false
                let outcome = try load.run(port: server.port)
                return [(.seconds, outcome.seconds)]
            }
        }
        return Experiment(
            name: "backlog", question: "What happens to clients that find the queue full?",
            cases: cases)
    }

    /// How soon a server that ended with a client connected can start again on its port.
    func restart() -> Experiment {
        let programs = [
            peer("Threads", as: "with SO_REUSEADDR"),
            peer("Threads", ["-r"], as: "without SO_REUSEADDR"),
        ]
        // Without it, it takes a minute.
        let cases = programs.prefix(isQuick ? 1 : 2).map { program in
            Case(group: "after a run with a client", name: program.name) {
                let server = try Server.start(program)
                let client = try Connection.open(to: server.port)
                try Connection.exchange(Message(size: 64), on: client)
                server.stop()
                // The server has closed first: its side of the connection lingers in TIME_WAIT.
                close(client)
                let start = Clock.now
                let limit = 90.0
                while Clock.seconds(since: start) < limit {
                    if let again = try? Server(program, on: server.port, within: 1) {
                        let seconds = Clock.seconds(since: start)
                        again.stop()
                        return [(.seconds, seconds)]
                    }
                    try Clock.sleep(0.1)
                }
                throw Failure("the port is still taken after \(limit) s")
            }
        }
        return Experiment(
            name: "restart", question: "How soon can a server start again on its port?",
            runsOnce: true, cases: cases)
    }

    /// How long the second client waits while the first is silent, for a second.
    func second() -> Experiment {
        let silence = isQuick ? 0.2 : 1.0
        let programs = ["Stage1-Sync", "Stage2-Threads", "Stage3-Async", "Stage6-Shutdown"]
        let cases = programs.map(stage).map { program in
            Case(group: "a silent client of \(Int(silence * 1000)) ms", name: program.name) {
                let server = try Server.start(program)
                defer { server.stop() }
                let silent = try Connection.open(to: server.port)
                DispatchQueue.global().asyncAfter(deadline: .now() + silence) { close(silent) }
                let start = Clock.now
                let client = try Connection.open(to: server.port)
                defer { Connection.closeAll([client]) }
                try Connection.exchange(Message(size: 64), on: client)
                let milliseconds = Clock.seconds(since: start) * 1000
                try Clock.sleep(silence)
                return [(.milliseconds, milliseconds)]
            }
        }
        return Experiment(
            name: "second", question: "How long does the second client wait for the first?",
            cases: cases)
    }

    /// The most memory that one frame of 16 MiB costs.
    func largeFrame() -> Experiment {
        let size = 16 << 20
        let cases = ["Stage4-Framing", "Stage5-Codec"].map(stage).map { program in
            Case(group: "a frame of 16 MiB", name: program.name) {
                let server = try Server.start(program)
                defer { server.stop() }
                let client = try Connection.open(to: server.port)
                defer { Connection.closeAll([client]) }
                try Connection.exchange(Message(size: 64, frames: 1), on: client)
                let before = try Usage.of(server.pid)
                let start = Clock.now
                try Connection.exchange(Message(size: size, frames: 1), on: client)
                let milliseconds = Clock.seconds(since: start) * 1000
                let peak = try Usage.of(server.pid).peak
                guard peak > 0 else { throw Failure("the system keeps no peak of memory") }
                return [
                    (.timesItsSize, (peak - before.resident) / Double(size)),
                    (.milliseconds, milliseconds),
                ]
            }
        }
        return Experiment(
            name: "large-frame", question: "What does the largest frame cost in memory?",
            cases: cases)
    }
}
