// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Frames that are cheap to send, and dear to answer.
extension Behaviour {
    static let emptyFlood = flood(
        "24 clients that send empty frames without an end",
        [UInt8](repeating: 0, count: 4 << 14), clients: 24, opening: 2048)
    static let invalidFlood = flood(
        "4 clients that send 16 MiB of what is not UTF-8",
        Dialect.frame([UInt8](repeating: 0xff, count: 16 << 20)), clients: 4, opening: 0)

    /// Clients that send the same for ever, read what comes back, and have a neighbour.
    private static func flood(
        _ name: String, _ block: [UInt8], clients: Int, opening: Int
    ) -> Behaviour {
        Behaviour(
            family: .frames, title: "Beside \(name), each answer comes within a second",
            chapter: .framing,
            hint: "A task that never waits keeps its thread, and all others of that loop wait."
        ) { lab in
            // On both loops of a small machine, and on more of a large one.
            let neighbours = try (1...4).map { try lab.connect("neighbour \($0)") }
            let server = try lab.server()
            let deadline = Deadline(in: 6)
            let isOver = Mutex(false)
            let flooders = try (0..<clients).map { _ in try lab.connect("a flooding client") }
            for client in flooders {
                // A server may learn from the first few what it has to do with.
                try client.send(block.prefix(opening))
                lab.inBackground {
                    letPass(0.2)
                    while !isOver.withLock({ $0 }), (try? client.send(block, by: deadline)) != nil {
                    }
                }
                lab.inBackground {
                    while !isOver.withLock({ $0 }), client.receive(by: deadline).end == nil {}
                }
            }
            letPass(0.5)
            // On a busy machine it takes longer until the flood has cost so much.
            let before = server.processorTime
            while !deadline.hasPassed, server.processorTime - before < 3 {
                for neighbour in neighbours { try lab.expectAnswerInTime(neighbour) }
            }
            isOver.withLock { $0 = true }
            for client in flooders { client.shutdownWrite() }  // Wakes whoever waits in a send.
        }
    }

    static let invalidNeighbour = Behaviour(
        family: .frames,
        title: "A short text that is not UTF-8 does not wait until longer ones are repaired",
        chapter: .framing,
        hint: """
            Repaired in one go, a long text keeps a thread of the pool until it is done. Repair it
                  part by part: between two parts, it is another text's turn.
            """
    ) { lab in
        let long = lab.dialect.message([UInt8](repeating: 0xff, count: 3 << 20))
        let short = [UInt8](repeating: 0xff, count: 100_000)
        // As many threads as a machine has cores would hide it behind as many clients more.
        let server = try lab.start(
            in: Surroundings(commands: "export NIO_SINGLETON_BLOCKING_POOL_THREAD_COUNT=1;"))
        var overtaken = 0
        // A test that is kept from the processor for a moment sees the answers too late.
        for _ in 0..<4 {
            let before = server.processorTime
            let clients = try (1...4).map { try lab.connect("client \($0), with a long text") }
            for sender in clients.map({ client in lab.inBackground { try? client.send(long) } }) {
                _ = sender.join()
            }
            // All have been read by now; one of them is repaired, or a part of each.
            _ = Deadline().wait { server.processorTime - before > 0.3 }
            let last = try lab.connect("the client with a short text")
            try last.send(lab.dialect.message(short))
            _ = last.waitForData(8)
            overtaken = clients.filter { !$0.waitForData(0) }.count
            for client in clients { client.reset() }
            try lab.expect(lab.dialect.answer(to: short), from: last)
            if overtaken > clients.count / 2 { return }
        }
        throw Deviation(
            Symptom.shortWaits,
            """
              4 clients have sent 3 MiB each, and then one 100,000 bytes. When that one is answered,
              \(overtaken) of the 4 are still without an answer; more than 2 were expected.
            """)
    }

    static let neverReaderText = neverReader(
        "all text", [UInt8](repeating: 0x78, count: 16 << 20), 24)
    /// One reply of three times its payload, and 8 MiB: 56, of which stage 4 needs all; 4 are slack.
    static let neverReaderInvalid = neverReader(
        "none of it UTF-8", [UInt8](repeating: 0xff, count: 16 << 20), 60)

    /// A client that sends frames of the largest kind, and reads nothing.
    private static func neverReader(_ name: String, _ payload: [UInt8], _ most: Int) -> Behaviour {
        Behaviour(
            family: .frames,
            title:
                "2 clients that send frames of 16 MiB, \(name), and never read: \(most) MiB each",
            chapter: .framing,
            hint: "One reply may wait to be sent. The next frame may not be read before it is.",
            mostlyWaits: true
        ) { lab in
            // What glibc keeps of freed memory is not what the server holds: let it keep none.
            let server = try lab.start(
                in: Surroundings(commands: "export MALLOC_MMAP_THRESHOLD_=1048576;"))
            try lab.exchange(Array("hello".utf8), over: try lab.connect("an earlier client"))
            let before = server.memory
            let clients = try (1...2).map { try lab.connect("client \($0)", receiveBuffer: 1) }
            let frame = lab.dialect.message(payload)
            let senders = clients.map { client in
                lab.inBackground {
                    _ = try? client.sendUntilStuck(frame, to: server, most: 6 * frame.count)
                }
            }
            for sender in senders { _ = sender.join() }
            lab.letFinish(server)
            var growth = server.memory - before
            _ = Deadline(in: 2).wait {
                growth = server.memory - before
                return growth <= clients.count * most << 20
            }
            for client in clients { client.reset() }
            guard growth <= clients.count * most << 20 else {
                throw Deviation(
                    Symptom.growsUnread, "  The server has grown by \(growth >> 20) MiB.")
            }
        }
    }

    static let refusedNonReader = Behaviour(
        family: .frames, title: "A refused client that does not read is cut off after 2 s, too",
        chapter: .framing,
        hint: "Start the clock at the refusal, not when the last reply has been taken.",
        mostlyWaits: true
    ) { lab in
        let server = try lab.server()
        try lab.exchange(Array("hello".utf8), over: try lab.connect("an earlier client"))
        let descriptors = server.openDescriptors
        let client = try lab.connect(receiveBuffer: 1)
        let payload = [UInt8](repeating: 0x78, count: 16 << 20)
        // In one piece: the refusal comes while the reply waits for a client that doesn't read.
        try client.send(lab.dialect.message(payload) + Dialect.header(0xffff_ffff))
        lab.timeline.add("client reads nothing", isTurn: true)
        guard Deadline(in: 4).wait(until: { server.openDescriptors <= descriptors }) else {
            throw Deviation(Symptom.refusedStays)
        }
        // That it was cut off is no reason: it was refused.
        try lab.expectNamed("\(0xffff_ffff)", by: client)
    }
}

extension Lab {
    /// Expects an answer within a second; on a busy machine, within one of work for each of its loops.
    fileprivate func expectAnswerInTime(_ neighbour: Client) throws {
        let server = try server()
        // A flood keeps that many of them busy for sure.
        let loops = min(4, ProcessInfo.processInfo.activeProcessorCount)
        let before = server.processorTime
        let time = try seconds {
            try talk("still there?", over: neighbour)
        }
        let work = server.processorTime - before
        guard time <= 1 || work <= Double(loops) else {
            throw Deviation(
                Symptom.neighbourLate,
                String(
                    format: "  %@ waits for %.1f s, in which the server works %.1f s on %d loops.",
                    neighbour.name, time, work, loops))
        }
    }
}
