// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 3.6 An event loop of your own.
enum Exercise3_6 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .runsOnItsOwnLoop, red: "it runs on somebody else's event loop")
}

extension Behaviour {
    /// Exercise 3.6: no library waits for the descriptors, and waiting costs nothing.
    fileprivate static let runsOnItsOwnLoop = Behaviour(
        family: .resources,
        title: "Tasks run on an event loop of its own, which sleeps while nothing happens",
        chapter: .async,
        hint: "poll(2) sleeps until a descriptor is ready: ask it only for what a task awaits."
    ) { lab in
        let foreign =
            #"\b_?C?NIO[A-Z]\w*|\bDispatch(Queue|Source\w*|IO)?\b|\bRunLoop\b"#
            + #"|\bimport +(Atomics|\w*Collections|DequeModule|SystemPackage|Logging)\b"#
        try lab.expectNo(foreign, "it runs on somebody else's event loop")
        try lab.expectTasks()
        let server = try lab.server()
        let clients = try (1...200).map { _ in try lab.connect("a client") }
        try lab.serveAll(clients, else: "not all of 200 clients are answered")
        let most = 2 * ProcessInfo.processInfo.processorCount + 8
        guard server.threads <= most else {
            throw Deviation(
                Symptom.threadPerClient,
                "  \(server.threads) threads; at most \(most) were expected")
        }
        try lab.expectIdle(server, else: "it spins while all clients are silent")
        let rude = try lab.connect("the rude client")
        try rude.sendUntilStuck([UInt8](repeating: 0x78, count: 1000), to: server)
        try lab.expectIdle(server, else: "it spins while a client does not read")
    }
}
