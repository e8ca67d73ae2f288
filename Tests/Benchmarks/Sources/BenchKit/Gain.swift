// Memory that a server gains while it works: a leak shows in the first round.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a server holds at the end of a load, and didn't at its beginning.
struct Gain {
    /// What no server may gain under a load that it has warmed up to, in megabytes.
    ///
    /// Allocators and pages that are touched late come to less. A million messages that leave eight
    /// bytes each exceed it, and so does a second of a server that leaves a kilobyte each.
    static let most = 8.0

    /// Megabytes in use.
    let megabytes: Double

    /// Compares memory in use.
    init(from before: Usage, to after: Usage) {
        megabytes = (after.resident - before.resident) / 1e6
    }

    /// What is wrong with what a row has gained, in its worst round; nil if nothing is.
    static func complaint(about samples: [Sample]) -> String? {
        let gains = samples.flatMap { $0 }.filter { $0.metric == .gained }.map(\.value)
        guard let worst = gains.max(), worst > most else { return nil }
        return "gained \(worst.inThreeDigits) MB of memory under load, "
            + "at most \(most.inThreeDigits) are no leak"
    }
}

extension Bench {
    /// Memory over a million messages, for every server: whatever each of them leaves adds up.
    func growth() -> Experiment {
        let number = count(1_000_000, quick: 20_000)
        let echoed = echoes + [stage("Stage1-Sync")]
        let framed =
            ["Stage4-Framing", "Stage5-Codec"].map(stage)
            + ["each", "together"].map { peer("FramedEcho", [$0], as: "stage 4, a write \($0)") }
        let kinds = [
            (name: "64 B", message: Message(size: 64), programs: echoed),
            (name: "frames of 64 B", message: Message(size: 64, frames: 1), programs: framed),
        ]
        let cases = kinds.flatMap { kind in
            kind.programs.map { program in
                // Stage 1 serves one after the other.
                let clients = program.name == "Stage1-Sync" ? 1 : 50
                return Case(group: "\(number) messages, \(kind.name)", name: program.name) {
                    let server = try Server.start(program)
                    defer { server.stop() }
                    return try growth(
                        of: server.pid, port: server.port, clients: clients, kind.message,
                        messages: number)
                }
            }
        }
        return Experiment(
            name: "growth", question: "What memory does a million messages leave behind?",
            runsOnce: true, cases: cases)
    }

    /// What a server gains over so many messages, behind a tenth of them that it warms up with.
    func growth(
        of pid: pid_t, port: Int, clients: Int, _ message: Message, messages: Int
    ) throws -> Sample {
        let descriptors = try Connection.open(clients, to: port)
        defer { Connection.closeAll(descriptors) }
        func send(_ messages: Int) throws -> Usage {
            let load = Load(
                clients: clients, message: message, extent: .requests(messages / clients),
                threads: threads)
            let outcome = try load.run(on: descriptors, since: Clock.now)
            guard outcome.messages == messages / clients * clients else {
                throw Failure("an answer is missing")
            }
            return try Usage.of(pid)
        }
        let before = try send(messages / 10)
        let after = try send(messages)
        let gain = Gain(from: before, to: after)
        return [
            (.gained, gain.megabytes), (.gainedEach, gain.megabytes * 1e6 / Double(messages)),
            (.resident, after.resident / 1e6),
        ]
    }
}
