// Experiments about messages: how many, how fast, at what cost. SPDX-License-Identifier: Apache-2.0

extension Bench {
    /// A short message.
    private var short: Message { Message(size: 64) }
    /// A long one, a quarter of what a read of 64 KiB takes.
    private var long: Message { Message(size: 16 << 10) }

    /// Whether the load leaves the server room: the floor under more and more threads of load.
    func instrument() -> Experiment {
        let cases = [1, 2, 4].flatMap { threads in
            var bench = self
            bench.threads = threads
            return bench.roundTrips(
                "64 B x 50, \(threads) load threads", [floor, stage("Stage3-Async")],
                clients: 50, short)
        }
        return Experiment(
            name: "instrument", question: "Is the load cheaper than every server it drives?",
            cases: cases)
    }

    /// The round trips of every stage that echoes, and its peers.
    func roundTrips() -> Experiment {
        var cases: [Case] = []
        for (size, message) in [("64 B", short), ("16 KiB", long)] {
            for clients in isQuick ? [1, 50] : [1, 50, 500] {
                // Alone with its client, stage 1 takes part.
                let programs = clients == 1 ? echoes + [stage("Stage1-Sync")] : echoes
                cases += roundTrips("\(size) x \(clients)", programs, clients: clients, message)
            }
        }
        return Experiment(
            name: "roundtrips", question: "How fast is each way to echo, and at what cost?",
            cases: cases)
    }

    /// Stages 1 and 2 beside the same loops in C.
    func blocking() -> Experiment {
        let one = [oneAtATime, stage("Stage1-Sync")]
        let many = [threadEach, stage("Stage2-Threads")]
        return Experiment(
            name: "blocking", question: "What does Swift cost beside C in the same blocking loop?",
            cases: roundTrips("stage 1, 64 B x 1", one, clients: 1, short)
                + roundTrips("stage 1, 16 KiB x 1", one, clients: 1, long)
                + roundTrips("stage 2, 64 B x 1", many, clients: 1, short)
                + roundTrips("stage 2, 64 B x 50", many, clients: 50, short)
                + roundTrips("stage 2, 16 KiB x 50", many, clients: 50, long))
    }

    /// Frames, one and many at a time: one write for all replies, and by hand or with a codec.
    func frames() -> Experiment {
        let programs =
            [
                peer("FramedEcho", ["each"], as: "a write for every reply"),
                peer("FramedEcho", ["together"], as: "one write for all replies"),
                stage("Stage4-Framing"), stage("Stage5-Codec"),
            ]
        let cases = [1, 16].flatMap { (frames: Int) in
            roundTrips(
                "256 B x 50, \(frames) at a time", programs, clients: 50,
                Message(size: 256, frames: frames))
        }
        return Experiment(
            name: "frames", question: "What does a write for every reply cost, what a codec?",
            cases: cases)
    }

    /// How much a read takes, in a thread each and on an event loop.
    func buffers() -> Experiment {
        let sizes = [1, 4, 8, 64]
        let kinds = [
            (name: "C, a thread each", executable: "Threads", option: ["-b"]),
            (name: "NIO, ChannelHandler", executable: "HandlerEcho", option: []),
        ]
        let cases = kinds.flatMap { kind in
            sizes.map { size in
                let arguments = kind.option + ["\(size << 10)"]
                let program = peer(kind.executable, arguments, as: "\(size) KiB")
                return Case(group: "\(kind.name), 16 KiB x 50", name: program.name) {
                    let idle = try memory(program, clients: count(1000, quick: 50), long)
                    return try roundTrips(program, clients: 50, long)
                        + systemCalls(program, clients: 10, long).prefix(1)
                        + idle.filter { $0.metric == .residentEach }
                }
            }
        }
        return Experiment(
            name: "buffers", question: "What does a larger buffer gain, and what does it cost?",
            cases: cases)
    }

    /// Nagle's algorithm, with a reply in one write and in two.
    func nagle() -> Experiment {
        let settings = [
            ("off, one write", ["-w", "1"]), ("off, two writes", ["-w", "2"]),
            ("on, one write", ["-n", "-w", "1"]), ("on, two writes", ["-n", "-w", "2"]),
        ]
        let programs = settings.map { peer("Threads", $1, as: "Nagle \($0)") }
        return Experiment(
            name: "nagle", question: "When does Nagle's algorithm make a reply wait?",
            cases: roundTrips("256 B x 1", programs, clients: 1, Message(size: 256, frames: 1)))
    }

    /// Where the time goes between a handler and async/await: calls, switches, allocations.
    func async() -> Experiment {
        let programs =
            [floor, ways[0], stage("Stage3-Async"), stage("Stage6-Shutdown")]
            + ways.dropFirst() + [stage("Stage2-Threads")] + others
        let cases = programs.map { program in
            Case(group: "64 B x 50", name: program.name) {
                try systemCalls(program, clients: 50, short)
                    + allocations(program, clients: 50, short)
                    + roundTrips(program, clients: 50, short).filter { $0.metric == .switches }
            }
        }
        return Experiment(
            name: "async", question: "Where does the time of async/await on NIO go?",
            runsOnce: true, cases: cases)
    }

    /// What is beneath an event loop: how often the kernel is asked, and what that costs.
    func beneath() -> Experiment {
        let programs =
            [floor, peer("PollFloor", as: "C, poll"), peer("LoopEcho", as: "async on own loop")]
            + rings
        let loads = [(50, "64 B", short), (500, "64 B", short), (50, "16 KiB", long)]
        let cases = (isQuick ? Array(loads.prefix(1)) : loads).flatMap { clients, size, message in
            programs.map { program in
                Case(group: "\(size) x \(clients)", name: program.name) {
                    try roundTrips(program, clients: clients, message)
                        + systemCalls(program, clients: clients, message)
                }
            }
        }
        return Experiment(
            name: "beneath", question: "What do poll, epoll and io_uring ask of the kernel?",
            cases: cases)
    }

    /// What other settings of the compiler would gain, on stage 3 and the library below it.
    func settings() -> Experiment {
        let settings: [(name: String, options: [String])] = [
            ("across modules", ["-cross-module-optimization"]),
            ("exclusive access unchecked", ["-enforce-exclusivity=unchecked"]),
        ]
        let usual = stage("Stage3-Async")
        let built = (isQuick ? [] : settings).map { setting in
            let folder = root.appendingPathComponent(".build/settings\(setting.options[0])")
            let path = folder.appendingPathComponent("release/Stage3-Async").path
            return (
                program: Program(name: "built \(setting.name)", command: [path]),
                build: ["swift", "build", "-c", "release", "--scratch-path", folder.path]
                    + ["--product", "Stage3-Async"] + setting.options.flatMap { ["-Xswiftc", $0] }
            )
        }
        let cases = ([(usual, [])] + built).map { program, build in
            Case(group: "64 B x 50", name: program.name) {
                if !build.isEmpty { try Command.run(build, in: root) }
                return try roundTrips(program, clients: 50, short)
            }
        }
        return Experiment(
            name: "settings", question: "What would other settings of the compiler gain?",
            cases: cases)
    }
}
