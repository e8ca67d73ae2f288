// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Signals at awkward moments.
extension Behaviour {
    static let earlySignal = Behaviour(
        family: .shutdown, title: "A signal during the start is never lost, at any moment",
        chapter: .shutdown,
        hint: "Between switching the default off and listening for the signal, nobody hears it."
    ) { lab in
        let start = try seconds { _ = try lab.start() }
        let next = Mutex(0)
        let lost = Mutex<[Double]>([])
        let program = lab.program
        let threads = (0..<4).map { _ in
            lab.inBackground {
                while true {
                    let number = next.withLock { next in
                        next += 1
                        return next
                    }
                    if number > 120 { return }
                    // From the first moment to well behind the listening line.
                    let moment = 1.5 * start * Double(number) / 120
                    let signal = number % 2 == 0 ? SIGTERM : SIGINT
                    guard !endsAtSignal(program, signal, after: moment) else { continue }
                    lost.withLock { $0.append(moment) }
                }
            }
        }
        for thread in threads { _ = thread.join(by: Deadline(in: 60)) }
        lab.timeline.add("120 servers are started, and get SIGTERM or SIGINT at any moment of it")
        let moments = lost.withLock { $0 }.map { String(format: "%.1f", $0 * 1000) }
        guard moments.isEmpty else {
            throw Deviation(
                Symptom.signalLost,
                "  \(moments.count) live on; the signal came so many ms after their start: "
                    + moments.joined(separator: ", "))
        }
    }

    /// Whether a process that gets a signal so soon after its start ends, in whatever way.
    private static func endsAtSignal(
        _ program: Program, _ number: Int32, after moment: Double
    ) -> Bool {
        guard let server = try? Server(program, arguments: ["0"]) else { return false }
        defer { server.stop() }
        letPass(moment)
        server.signal(number)
        return server.waitForExit(by: Deadline(in: 3)) != nil
    }

    static let comingIn = Behaviour(
        family: .shutdown,
        title: "Who is just connecting at the signal is told or closed at once, not at the end",
        chapter: .shutdown,
        hint: "Some have been accepted, but not registered yet. Who closes them before the end?"
    ) { lab in
        for _ in 0..<4 {
            let server = try lab.start()
            let staying = try lab.connect("the client that stays", to: server)
            try lab.exchange(Array("hello".utf8), over: staying)
            let clients = try (0..<60).map { _ in
                try lab.connect("a client", to: server, blocking: false)
            }
            letPass(0.001)
            lab.end(server, with: SIGTERM)
            // The end comes after 2 s, as one client stays.
            let deadline = Deadline(in: 1.4)
            try lab.expectFarewell(staying, server)
            let left = clients.filter { client in
                // Refused is an answer, too.
                guard client.isConnected(by: deadline) else { return false }
                return client.receiveToEnd(by: deadline).end == .timeout
            }
            guard left.isEmpty else {
                throw Deviation(
                    Symptom.leftUntold, "  \(left.count) of 60 hear nothing for 1.4 s.")
            }
            for client in clients + [staying] { client.close() }
            try lab.expectExit(server, within: 1.5)
        }
    }

    static let echoedSignal = Behaviour(
        family: .shutdown,
        title: "Two signals within 0.2 s are one wish to end: the farewell still comes",
        chapter: .shutdown,
        hint: "Ctrl-C reaches the server and its wrapper, which may pass it on: that is an echo."
    ) { lab in
        for pause in [0, 0.02, 0.2] {
            let server = try lab.start()
            let client = try lab.connect(to: server)
            try lab.exchange(Array("hello".utf8), over: client)
            lab.end(server, with: SIGINT)
            if pause > 0 { letPass(pause) }
            lab.end(server, with: SIGTERM)
            try lab.expectFarewell(client, server)
            client.close()
            try lab.expectExit(server, within: 1.5)
        }
    }

    static let hangUpIgnored = Behaviour(
        family: .shutdown, title: "Started with SIGHUP ignored, as nohup does, it survives one",
        chapter: .shutdown,
        hint: "Ask what the signal's action was at the start, before you give it another."
    ) { lab in
        let server = try lab.start(in: Surroundings(commands: "trap '' HUP;"))
        lab.timeline.add("the server is started with SIGHUP ignored, and gets one", isTurn: true)
        server.signal(SIGHUP)
        // Time for a farewell, or for the end.
        letPass(0.1)
        guard server.isRunning else { throw Deviation(Symptom.killed) }
        let client = try lab.connect(to: server)
        try lab.exchange(Array("hello".utf8), over: client)
        client.close()
    }
}
