// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What frames cost: memory for what has arrived, and as much work for the last as for the first.
extension Behaviour {
    static let hoarders = Behaviour(
        family: .frames,
        title: "200 clients that announce 16 MiB and send one byte cost at most 16 MiB together",
        chapter: .framing,
        hint: "Let memory grow with what has arrived, never with what was announced."
    ) { lab in
        let server = try lab.server()
        try lab.exchange(Array("hello".utf8), over: try lab.connect("an earlier client"))
        let before = (server.memory, server.reservedMemory)
        for _ in 0..<200 {
            let client = try lab.connect("a client")
            try lab.exchange([], over: client)
            try client.send(Dialect.header(16 << 20) + [0x78])
        }
        // When the last one has been answered, so has every byte before it been read.
        try lab.exchange(Array("done?".utf8), over: try lab.connect("the last client"))
        try lab.expectNoHoard(in: server, since: before, most: 16 << 20)
    }

    static let silentAfterLargest = Behaviour(
        family: .frames,
        title: "4 clients that were answered 16 MiB and are silent now cost at most 4 MiB each",
        chapter: .framing,
        hint: "A buffer that is emptied keeps its room; a new one begins with none."
    ) { lab in
        // What glibc keeps of freed memory is not what the server holds: let it keep none.
        let server = try lab.start(
            in: Surroundings(commands: "export MALLOC_MMAP_THRESHOLD_=1048576;"))
        let payload = [UInt8](repeating: 0x78, count: 16 << 20)
        let (message, answer) = (lab.dialect.message(payload), lab.dialect.answer(to: payload))
        func talk(as name: String) throws -> Client {
            let client = try lab.connect(name, to: server)
            let deadline = Deadline(in: 20)
            lab.inBackground { try? client.send(message, by: deadline) }
            try lab.expect(answer, from: client, by: deadline)
            return client
        }
        try talk(as: "an earlier client").close()
        lab.letFinish(server)
        let before = server.memory
        let clients = try (1...4).map { try talk(as: "client \($0)") }
        var growth = 0
        let isReleased = Deadline(in: 2).wait {
            growth = server.memory - before
            return growth <= 16 << 20
        }
        for client in clients { client.close() }
        guard isReleased else {
            throw Deviation(
                Symptom.roomKept,
                "  The server has grown by \(growth >> 20) MiB, and all of them are connected still."
            )
        }
    }

    static let unalignedStream = Behaviour(
        family: .frames,
        title: "33 MB of frames that never align with reads leave memory flat", chapter: .framing,
        hint: "What has been read must go, not be kept in front of what comes."
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        let payload = [UInt8](repeating: 0x75, count: 9973)
        let block = (0..<66).flatMap { _ in lab.dialect.message(payload) }
        let answer = (0..<66).flatMap { _ in lab.dialect.answer(to: payload) }
        var memory: [Int] = []
        for round in 0..<50 {
            lab.inBackground { try? client.send(block) }
            try lab.expect(answer, from: client)
            if round % 10 == 9 { memory.append(server.memory) }
        }
        let growth = memory[memory.count - 1] - memory[0]
        guard growth <= 4 << 20 else {
            throw Deviation(
                Symptom.growsPassed,
                "  By \(growth / 1024) KiB between the 7th and the 33rd megabyte.")
        }
    }

    static let linearCost = Behaviour(
        family: .frames, title: "Ten times as many one-byte frames cost at most twice as much each",
        chapter: .framing,
        hint: "If every frame moves all that is behind it, the work grows with the square."
    ) { lab in
        // Three thousand show a square as well as a million would.
        let count = 3000
        let server = try lab.server()
        let block = (0..<1000).flatMap { _ in lab.dialect.message([0x31]) }
        let answer = lab.dialect.answer(to: [0x31]).count * 1000
        func cost(of count: Int) throws -> Double {
            let client = try lab.connect()
            let before = server.processorTime
            let deadline = Deadline(in: 120)
            lab.inBackground {
                for _ in 0..<count / 1000 { try? client.send(block, by: deadline) }
                client.shutdownWrite()
            }
            let received = client.receiveToEnd(by: deadline).bytes.count
            guard received == answer * count / 1000 else {
                throw Deviation(Symptom.partMissing)
            }
            return (server.processorTime - before) / Double(count)
        }
        _ = try cost(of: 1000)
        // Two ticks of the clock by which processes are charged: less than that says nothing.
        let few = max(try cost(of: count), 0.02 / Double(count))
        let many = try cost(of: 10 * count)
        guard many <= 2 * few else {
            throw Deviation(
                Symptom.costsMore,
                String(
                    format: "  %.1f us a frame of %d, %.1f of %d", few * 1e6, count, many * 1e6,
                    10 * count))
        }
    }
}
