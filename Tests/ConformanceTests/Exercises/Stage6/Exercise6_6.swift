// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 6.6 Two copies on one port.
enum Exercise6_6 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .sharesThePort, red: "the second copy cannot listen",
        changes: [Change(.portTaken, .differs(Symptom.otherReport))])
}

extension Behaviour {
    /// Exercise 6.6: SO_REUSEPORT, and a restart that refuses nobody.
    fileprivate static let sharesThePort = Behaviour(
        family: .resources, title: "A second copy takes over the port, and no client is refused",
        chapter: .shutdown,
        hint: "SO_REUSEPORT, before bind, in both copies; SO_REUSEADDR alone does not do it."
    ) { lab in
        let old = try lab.server()
        lab.timeline.add("a second copy is started on port \(old.port)")
        let new = try lab.launch(["\(old.port)"])
        guard new.waitForPort() else {
            throw Deviation(
                "the second copy cannot listen",
                new.allErrors.map { "  \($0)" }.joined(separator: "\n"))
        }
        guard new.port == old.port else {
            throw Deviation("the second copy listens on another port", "  \(new.port)")
        }
        let hello = lab.dialect.message(Array("hello".utf8))
        let tally = Tally()
        for _ in 0..<4 {
            lab.inBackground { tally.visit(old.port, saying: hello) }
        }
        defer { tally.stop() }
        try tally.wait(forMore: 100)
        lab.end(old, with: SIGTERM)
        try lab.expectOrderlyEnd(of: old)
        lab.timeline.add("the first copy has ended")
        try tally.wait(forMore: 100)
        let (total, cut, refused) = tally.stop()
        lab.timeline.add("\(total) clients came, \(cut) had to come again, \(refused) were refused")
        print("\(total) clients came, \(cut) had to come again, \(refused) were refused.")
        if refused > 0 { throw Deviation("a client is refused") }
        for _ in 0..<20 {
            let client = try lab.connect("a later client", to: new)
            try lab.exchange(Array("hello".utf8), over: client)
            client.close()
        }
    }
}

/// Visits of many clients, one after the other, and what became of them.
private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var total = 0
    private var cut = 0
    private var refused = 0
    private var isOver = false

    /// Visits a port, says hello and leaves, again and again until it is over.
    func visit(_ port: UInt16, saying hello: [UInt8]) {
        while !lock.withLock({ isOver }) {
            do {
                let client = try Client(to: port, timeline: Timeline())
                // In by the kernel, and not yet by the server: whoever has no answer may come again.
                try? client.send(hello)
                let isCut = client.receive(exactly: hello.count).bytes != hello
                lock.withLock {
                    total += 1
                    cut += isCut ? 1 : 0
                }
            } catch let error as ClientError {
                lock.withLock {
                    total += 1
                    // In Linux's list of errors, a reset that comes at once is the queue's, too.
                    refused += error.code == ECONNREFUSED ? 1 : 0
                    cut += error.code == ECONNREFUSED ? 0 : 1
                }
            } catch {}
            poll(nil, 0, 1)
        }
    }

    /// Waits until so many more have been there.
    func wait(forMore count: Int) throws {
        let goal = lock.withLock { total + count }
        guard Deadline().wait(until: { lock.withLock { total >= goal } }) else {
            throw Deviation("clients are not answered")
        }
    }

    /// Ends it; how many came, how many of them without an answer, how many were refused.
    @discardableResult
    func stop() -> (total: Int, cut: Int, refused: Int) {
        lock.withLock {
            isOver = true
            return (total, cut, refused)
        }
    }
}
