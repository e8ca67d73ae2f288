// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 2.4 A hundred at most.
enum Exercise2_4 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .hundredAtMost, red: "more than a hundred are served at a time",
        changes: [
            Change(.idleThreads, .doesNotApply("the others wait")),
            Change(.clientLimit, .doesNotApply("the others wait")),
        ])
}

extension Behaviour {
    /// Exercise 2.4: who comes when a hundred are served waits in the kernel until one has gone.
    fileprivate static let hundredAtMost = Behaviour(
        family: .neighbours, title: "A hundred clients are served at a time; the next ones wait",
        chapter: .threads,
        hint: "Take a place before you accept. Whatever ends a client gives it back, once."
    ) { lab in
        let server = try lab.server()
        try lab.turnAway(5, from: server)
        var served = try lab.fillUp("client", to: 100)
        let before = (threads: server.threads, descriptors: server.openDescriptors)
        let waiting = try lab.waiting(20, after: served)
        // One of them may have been accepted already.
        let after = (threads: server.threads, descriptors: server.openDescriptors)
        guard after.threads <= before.threads + 1, after.descriptors <= before.descriptors + 1
        else {
            throw Deviation(
                "who waits costs the server threads or descriptors",
                """
                  threads: \(before.threads) with 100 clients, \(after.threads) with 20 more
                  descriptors: \(before.descriptors), \(after.descriptors)
                """)
        }
        try lab.leave(&served, waiting)
        try lab.checkCount(served + waiting)
    }
}

extension Lab {
    /// Connects clients while the server can make no thread: each of them is shown out.
    fileprivate func turnAway(_ count: Int, from server: Server) throws {
        // A stage only: what another program does without room is its own business.
        guard !program.isForeign, server.setRoom(toGrow: false) else { return }
        timeline.add("the server has no room for the stack of another thread")
        for number in 1...count {
            let client = try connect("client \(number) without a thread")
            let (bytes, end) = client.receive(by: Deadline(in: 3))
            guard bytes.isEmpty, end == .endOfStream else {
                throw Deviation(
                    "a client without a thread is not shown out",
                    "  No thread could be made for it: its connection was to be closed.")
            }
        }
        timeline.add("\(count) clients were shown out; the server has room again")
        _ = server.setRoom(toGrow: true)
    }

    /// Connects clients and has each say a word; the first that isn't answered is one too many.
    fileprivate func fillUp(_ name: String, to count: Int) throws -> [Client] {
        try (1...count).map { number in
            let client = try connect("\(name) \(number)")
            do {
                try talk("word", over: client, by: Deadline(in: 3))
            } catch {
                throw Deviation(
                    "fewer than a hundred are served at a time",
                    """
                      Client \(number) gets no answer while \(number - 1) are connected. Does a client
                      for whom no thread could be made give its place back?
                    """)
            }
            return client
        }
    }

    /// Connects more clients, and expects that they get nothing, neither an answer nor an end.
    fileprivate func waiting(_ count: Int, after served: [Client]) throws -> [Client] {
        var waiting: [Client] = []
        for number in 101..<(101 + count) {
            let client = try connect("client \(number)")
            do {
                try client.send(dialect.message(Array("word".utf8)))
            } catch {
                throw Deviation("the next client is turned away", "  \(error)")
            }
            waiting.append(client)
            if number == 101 { try expectNothing(client, for: 0.5) }
        }
        for client in waiting { try expectNothing(client, for: 0.02) }
        // Whoever is in keeps being served: nothing but the accepting waits.
        for client in [served[0], served[99]] {
            do {
                try talk("still here", over: client)
            } catch {
                throw Deviation("who is connected is no longer served")
            }
        }
        return waiting
    }

    /// Expects that a client is neither answered nor turned away while a hundred are served.
    private func expectNothing(_ client: Client, for seconds: Double) throws {
        if client.isLeftAlone(for: seconds) { return }
        let (bytes, end) = client.receive(by: Deadline(in: 1))
        let what = end == nil ? inWords(bytes) : "the end of the connection"
        let evidence = "  \(client.name) was to wait. It received \(what)."
        let isAnswer = dialect.content(of: bytes) == Array("word".utf8)
        throw Deviation(
            isAnswer
                ? "more than a hundred are served at a time" : "the next client is turned away",
            evidence)
    }

    /// Has twenty of the hundred leave, politely and not; after each, one who waited is served.
    fileprivate func leave(_ served: inout [Client], _ waiting: [Client]) throws {
        for (number, next) in waiting.enumerated() {
            let leaving = served.removeFirst()
            let isRude = number % 2 == 1
            if isRude { leaving.reset() } else { leaving.close() }
            do {
                try expectAnswer("word", from: next, by: Deadline(in: 3))
            } catch {
                throw Deviation(
                    isRude ? "a reset costs a place for good" : "a place is not given back",
                    "  \(leaving.name) has left, and \(next.name) still waits.")
            }
        }
    }

    /// Expects that there are a hundred places still, whatever has come and gone.
    fileprivate func checkCount(_ served: [Client]) throws {
        let next = try connect("client 121")
        try next.send(dialect.message(Array("word".utf8)))
        guard next.isLeftAlone(for: 0.4) else {
            throw Deviation(
                "after some have left, more than a hundred are served",
                "  Twenty have come and gone, 100 are connected, and one more is served.")
        }
        served[50].close()
        try expectAnswer("word", from: next)
    }
}

extension Server {
    /// Lets it reserve addresses as it likes, or no more than it has; false where that can't be done.
    fileprivate func setRoom(toGrow: Bool) -> Bool {
        #if os(Linux)
            let tool = Process()
            tool.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
            // The soft limit alone, so that it can be raised again.
            tool.arguments = ["--pid", "\(pid)", "--as=\(toGrow ? "unlimited" : "\(addresses)"):"]
            guard (try? tool.run()) != nil else { return false }
            tool.waitUntilExit()
            return tool.terminationStatus == 0
        #else
            return false
        #endif
    }
}
