// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Exercise {
    /// The exercises of docs/exercises/stage6.md.
    static let stage6: [Exercise] = [
        Exercise(
            number: "6.1", title: "A goodbye", grade: .core, stage: .shutdown,
            kind: .build(
                lesson: .terminateIdle, red: "the signal ends the process: no farewell")),
        Exercise(
            number: "6.2", title: "Patience without end", grade: .warmUp, stage: .shutdown,
            kind: .breaking([.stalledReader])),
        Exercise(
            number: "6.3", title: "To the end of the frame", grade: .core, stage: .shutdown,
            kind: .extend(
                .finishesTheFrame, red: "it answers in bytes, not in frames",
                changes: [
                    Change(.frames, .holds), Change(.visibleBoundaries, .holds),
                    Change(.everyByteValue, .repaired), Change(.randomMebibyte, .repaired),
                    Change(.loggedText, .holds), Change(.farewellIsNoData, .holds),
                ],
                dialect: .framed(.gotIt))),
        Exercise(
            number: "6.4", title: "A service group", grade: .stretch, stage: .shutdown,
            kind: .extend(
                .runsInAGroup, red: "there is no service group",
                changes: [Change(.secondSignal, .doesNotApply("a group hears one signal"))])),
        Exercise(
            number: "6.5", title: "A socket from outside", grade: .core, stage: .shutdown,
            kind: .extend(
                .takesOverASocket, red: "it listens on another port than the socket's")),
        Exercise(
            number: "6.6", title: "Two copies on one port", grade: .core, stage: .shutdown,
            kind: .extend(
                .sharesThePort, red: "the second copy cannot listen",
                changes: [Change(.portTaken, .differs("something else is reported"))])),
        Exercise(
            number: "6.7", title: "How long a goodbye takes", grade: .warmUp, stage: .shutdown,
            kind: .measure([
                .number(
                    "nobody", in: 0...0.6, "s",
                    advice: "Nobody is connected, so nobody is waited for: less than half a second."
                ),
                .number(
                    "polite", in: 0...0.6, "s",
                    advice: "Does the client close when it reads the end of the stream?"),
                .number(
                    "stays", in: 1.7...2.7, "s",
                    advice: "Is the client still connected when the signal comes? Look with ss."),
                .choice(
                    "order", "c", of: "abcd",
                    advice:
                        "strace -f -e trace=close,write,writev,shutdown,read,recvfrom -p PID shows "
                        + "it. Which descriptor is the listener's?"),
                .choice(
                    "lost", "b", of: "abc",
                    advice:
                        "The server has written it, and closes at once. What does the kernel send "
                        + "when bytes are unread then?"),
            ])),
    ]
}

extension Cell {
    /// What stage 5 makes of bytes that are not UTF-8.
    fileprivate static let repaired = differs("what is not UTF-8 comes back as U+FFFD")
}

extension Behaviour {
    /// Exercise 6.3: stage 5 with a shutdown that cuts no frame in two.
    fileprivate static let finishesTheFrame = Behaviour(
        family: .shutdown,
        title: "Half a frame is completed and answered; then comes the farewell, which is a frame",
        chapter: .shutdown,
        hint: "The processor knows what it holds of a frame: unprocessedBytes."
    ) { lab in
        let server = try lab.server()
        let between = try lab.connect("the client between two frames")
        try lab.expectFrames(from: between)
        let last = Array("the last".utf8)
        let message = lab.dialect.message(last)
        // What has been sent so far of the message, and what is sent with the rest of it.
        let parts = [
            ("inside a length", 2, []), ("inside a payload", 7, []),
            ("that is always inside a frame", 7, Array(message.prefix(7))),
        ]
        let inside = try parts.map { place, count, more in
            let client = try lab.connect("the client \(place)")
            // The whole frame gets an answer: when it is there, the half has been read as well.
            try client.send(lab.dialect.message(Array("whole".utf8)) + message.prefix(count))
            try lab.expect(lab.dialect.answer(to: Array("whole".utf8)), from: client)
            return (client: client, rest: message.dropFirst(count) + more)
        }
        lab.end(server, with: SIGTERM)
        try lab.expectFarewellFrame(behind: [], to: between)
        for (client, _) in inside where client.waitForData(0.1) {
            let (bytes, end) = client.receiveToEnd()
            throw Deviation(
                "half a frame is not waited for",
                bytes.isEmpty ? "  \(client.name): \(end)" : "  received \(bytes.dump)")
        }
        for (client, rest) in inside {
            try client.send(rest)
            try lab.expectFarewellFrame(behind: lab.dialect.answer(to: last), to: client)
            client.close()
        }
        between.close()
        try lab.expectOrderlyEnd(of: server)
    }

    /// Exercise 6.4: swift-service-lifecycle in place of our signal code.
    fileprivate static let runsInAGroup = Behaviour(
        family: .shutdown, title: "A service group runs the server, and shuts it down",
        chapter: .shutdown,
        hint: "A service is a type with run(). The group calls it, and tells it of a signal."
    ) { lab in
        if !lab.program.isForeign { try expectAGroup() }
        let server = try lab.server()
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        lab.end(server, with: SIGINT)
        try lab.expectFarewell(to: client)
        // A second signal changes nothing, or ends it as the stage does. It is not left to the
        // system's default action, and doesn't trap.
        lab.end(server, with: SIGTERM)
        if let status = server.waitForExit(by: Deadline(in: 0.3)) {
            guard status == .exited(128 + SIGTERM) else {
                throw Deviation("a second signal ends it out of order", "  The server \(status).")
            }
            return
        }
        lab.timeline.add("… and goes on")
        client.close()
        try lab.expectOrderlyEnd(of: server)
    }

    /// Exercise 6.5: descriptor 3 is a socket that listens.
    fileprivate static let takesOverASocket = Behaviour(
        family: .resources, title: "A socket that is handed in is served, not one of its own",
        chapter: .shutdown,
        hint: "LISTEN_FDS is 1, and LISTEN_PID is our process id: descriptor 3 listens already."
    ) { lab in
        let socket = try ListeningSocket()
        let hello = Array("hello".utf8)
        lab.timeline.add("a socket listens on 127.0.0.1:\(socket.port): no server has been started")
        let early = try Client(to: socket.port, name: "the early client", timeline: lab.timeline)
        try early.send(lab.dialect.message(hello))
        let first = try lab.start(handing: HandedSocket(descriptor: socket.descriptor))
        guard first.port == socket.port else {
            throw Deviation(
                "it listens on another port than the socket's",
                "  expected 127.0.0.1:\(socket.port), received 127.0.0.1:\(first.port)")
        }
        try lab.expect(lab.dialect.answer(to: hello), from: early)
        lab.end(first, with: SIGTERM)
        try lab.expectFarewell(to: early)
        early.close()
        try lab.expectOrderlyEnd(of: first)
        guard
            let between = try? Client(
                to: socket.port, name: "a client between two servers", timeline: lab.timeline)
        else {
            throw Deviation(
                "who comes between two servers is refused",
                "  The socket is not the server's alone: shutdown(2) ends it for all, close(2) "
                    + "does not.")
        }
        try between.send(lab.dialect.message(hello))
        _ = try lab.start(handing: HandedSocket(descriptor: socket.descriptor))
        try lab.expect(lab.dialect.answer(to: hello), from: between)
        // Process 1 is never ours.
        let other = try lab.start(handing: HandedSocket(descriptor: socket.descriptor, pid: "1"))
        guard other.port != socket.port else {
            throw Deviation("it takes a socket that is meant for another process")
        }
        let none = try lab.start(handing: HandedSocket(descriptor: socket.descriptor, count: 0))
        guard none.port != socket.port else {
            throw Deviation(
                "it takes a socket though LISTEN_FDS says that there is none",
                "  LISTEN_PID was its process id, LISTEN_FDS was 0: it has to listen by itself.")
        }
    }

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

    /// Throws unless the stage's sources have a service group, and no signal code of their own.
    private static func expectAGroup() throws {
        let folder = Stage.package.appendingPathComponent(Stage.shutdown.name)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let code = try files.filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
                .split(separator: "\n").map { $0.components(separatedBy: "//")[0] }
                .joined(separator: "\n")
        }.joined(separator: "\n")
        guard code.contains("import ServiceLifecycle"), code.contains("ServiceGroup") else {
            throw Deviation(
                "there is no service group",
                "  The stage imports no ServiceLifecycle, or makes no ServiceGroup.")
        }
        if code.contains("makeSignalSource") {
            throw Deviation(
                "the signals are still our own",
                "  The stage has a ServiceGroup, and calls makeSignalSource, too: who of the two "
                    + "hears a signal?")
        }
    }
}

extension Lab {
    /// Expects a frame for a frame.
    fileprivate func expectFrames(from client: Client) throws {
        let hello = Array("hello".utf8)
        try client.send(dialect.message(hello))
        let expected = dialect.answer(to: hello)
        let (received, end) = client.receive(exactly: expected.count, by: Deadline(in: 1))
        if dialect.message(hello).starts(with: received), !received.isEmpty {
            throw Deviation(
                "it answers in bytes, not in frames",
                difference(expected: expected, received: received))
        }
        try compare(expected, received, end)
    }

    /// Expects what is owed, the farewell as a frame, and the end of the stream.
    fileprivate func expectFarewellFrame(behind owed: [UInt8], to client: Client) throws {
        let (received, end) = client.receiveToEnd()
        let expected = owed + dialect.farewell
        let evidence = difference(expected: expected, received: received)
        if received.starts(with: owed), received.dropFirst(owed.count).starts(with: "Server".utf8) {
            throw Deviation("the farewell is no frame", evidence)
        }
        if received == owed { throw Deviation("there is no farewell", evidence) }
        if !owed.isEmpty, received.starts(with: dialect.farewell) {
            throw Deviation("the farewell comes before the answer", evidence)
        }
        try compare(expected, received, end)
        if end != .endOfStream { throw Deviation("no end of stream behind the farewell") }
    }

    /// Expects the farewell and the end of the stream.
    fileprivate func expectFarewell(to client: Client) throws {
        let (received, end) = client.receiveToEnd()
        guard received == dialect.farewell, end == .endOfStream else {
            throw Deviation(
                end == .reset ? "a reset destroys the farewell" : "there is no farewell",
                difference(expected: dialect.farewell, received: received))
        }
    }

    /// Expects exit status 0, without a wait for a deadline.
    fileprivate func expectOrderlyEnd(of server: Server) throws {
        let status = server.waitForExit(by: Deadline(in: 4))
        guard status == .exited(0) else {
            throw Deviation(
                status == nil ? "the process does not end" : "the process ends out of order",
                status.map { "  The server \($0)." } ?? "")
        }
    }
}

/// A socket that listens, and is nobody's server yet.
private final class ListeningSocket {
    /// The descriptor, above those that a process is handed.
    let descriptor: Int32
    /// The port of 127.0.0.1.
    let port: UInt16

    /// Binds a free port, and listens.
    init() throws {
        let socket = Foundation.socket(AF_INET, streamSocket, 0)
        defer { close(socket) }
        var address = loopback(0)
        guard withSocketAddress(&address, { bind(socket, $0, $1) }) == 0, listen(socket, 128) == 0
        else { throw ClientError(call: "listen", code: errno) }
        _ = withSocketAddress(&address) { getsockname(socket, $0, &$1) }
        port = UInt16(bigEndian: address.sin_port)
        descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 10)
    }

    deinit { close(descriptor) }
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
