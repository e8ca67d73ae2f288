// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is left behind: by many messages, and by many clients who have all gone.
extension Behaviour {
    static let manyMessages = Behaviour(
        family: .resources, title: "3,000 messages of one client leave memory flat", chapter: .sync,
        hint: "Something is kept for every message: in a loop that never ends, is a buffer copied?"
    ) { lab in
        let server = try lab.server()
        let client = try lab.connect()
        let payload = [UInt8](repeating: 0x6d, count: 64)
        func talk(_ count: Int) throws {
            for _ in 0..<count {
                try client.send(lab.dialect.message(payload))
                try lab.expect(content: payload, from: client)
            }
        }
        try talk(500)
        let before = server.memory
        try talk(3000)
        let growth = server.memory - before
        // 2 kB a message, which a leak of ours once cost, would be 6 MB.
        guard growth <= 3 << 20 else {
            throw Deviation(
                Symptom.growsPassed,
                "  By \(growth / 1024) KiB, \(growth / 3000) bytes a message.")
        }
    }

    static let crowd = Behaviour(
        family: .resources,
        title: "500 polite and 500 rude clients, gone again, leave nothing behind",
        chapter: .sync,
        hint: "Memory, threads, descriptors, processor time: who pays for a client that has gone?"
    ) { lab in
        let server = try lab.server()
        // What a first crowd leaves is the allocator's, and a part of what a second one does; but a
        // leak adds as much with every crowd.
        try lab.letCrowdPass(300)
        lab.letFinish(server)
        let cores = ProcessInfo.processInfo.processorCount
        for round in 1...3 {
            let before = server.traces
            try lab.letCrowdPass(1000)
            let isBack = waitWhileItProgresses {
                max(0, server.openDescriptors - before.descriptors)
                    + max(0, server.threads - before.threads - cores)
            }
            let after = server.traces
            let growth = after.memory - before.memory
            if isBack, growth <= 1 << 20 { break }
            guard isBack, round < 3 else {
                throw Deviation(
                    Symptom.leftBehind,
                    "  before the last 1,000: \(before.text)\n  after them:             \(after.text)"
                )
            }
        }
        try lab.expectIdle(server, else: Symptom.busyAlone)
    }
}

extension Server {
    /// What a process has, for a comparison.
    fileprivate var traces: Traces {
        Traces(descriptors: openDescriptors, threads: threads, memory: memory)
    }
}

/// What a process has.
private struct Traces {
    let descriptors: Int
    let threads: Int
    let memory: Int

    /// All of it, for a report.
    var text: String {
        "\(descriptors) descriptors, \(threads) threads, \(memory / 1024) KiB of memory"
    }
}

extension Lab {
    /// Lets so many clients come and go, every other one rudely, each in its own way.
    fileprivate func letCrowdPass(_ count: Int) throws {
        let hello = Array("hello".utf8)
        let message = dialect.message(hello)
        let answer = dialect.answer(to: hello)
        for number in 0..<count {
            let client = try connect("a client")
            try client.send(message)
            switch number % 8 {
            case 1: client.reset()
            case 3: client.close()
            case 5:
                try client.send(message.dropLast())
                client.reset()
            case 7:
                client.shutdownWrite()
                client.reset()
            default:
                try expect(answer, from: client)
                client.shutdownWrite()
                try expect([], thenEndOf: client)
            }
            client.close()
        }
        // Who is answered behind them knows that the queue has been emptied.
        let next = try connect("the next client")
        try exchange(hello, over: next, by: Deadline(in: 20))
        next.close()
    }
}
