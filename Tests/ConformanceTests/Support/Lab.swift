// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where one behaviour is acted out: its server, its clients, its timeline; all gone afterwards.
final class Lab {
    /// The program to judge.
    let program: Program
    /// How it is talked to.
    let dialect: Dialect
    /// Whether what the server prints counts.
    let judgesConsole: Bool
    /// What happened so far.
    let timeline = Timeline()
    /// What a foreign program's console lacked.
    private(set) var notes: [String] = []

    private var servers: [Server] = []
    private var clients: [Client] = []
    private var threads: [Background] = []
    /// A server that listens already, in place of a program (for tests of the tests).
    private let openPort: UInt16?

    /// Creates a lab for one behaviour.
    init(program: Program, dialect: Dialect, judgesConsole: Bool, openPort: UInt16? = nil) {
        self.program = program
        self.dialect = dialect
        self.judgesConsole = judgesConsole
        self.openPort = openPort
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether the server is a process of its own, and not a wrong one in this process.
    var hasProcess: Bool { openPort == nil }

    /// What became of a server that was not meant to end, if it has.
    var crash: String? {
        for server in servers where server.port != 0 && expectsLife(server) {
            if let end = server.waitForExit(by: Deadline(in: 0.05)) { return "The server \(end)." }
            let signs = ["Fatal error", "Program crashed", "Backtracing from"]
            if let line = server.allErrors.first(where: { line in
                signs.contains { line.contains($0) }
            }) {
                return line
            }
        }
        return nil
    }

    /// The server, started at first use.
    func server() throws -> Server {
        if let server = servers.first { return server }
        return try start()
    }

    /// Starts another server.
    func start(descriptors: Int? = nil, handing socket: HandedSocket? = nil) throws -> Server {
        do {
            if program.isForeign { timeline.add("\(program.path) is started with the argument 0") }
            let server = try Server.listening(program, descriptors: descriptors, handing: socket)
            if let socket {
                timeline.add(
                    "the server is started with the socket as descriptor 3, LISTEN_FDS=\(socket.count), "
                        + "LISTEN_PID=\(socket.pid == "$$" ? "its process id" : socket.pid)")
            }
            servers.append(server)
            return server
        } catch let error as StartError {
            throw Deviation("the server does not start", "  \(error.reason)")
        }
    }

    /// Runs the program with arguments of its own, not waiting for it to listen.
    func launch(_ arguments: [String]) throws -> Server {
        let server = try Server(program, arguments: arguments)
        servers.append(server)
        return server
    }

    /// Connects a client to the server.
    func connect(
        _ name: String = "client", to server: Server? = nil, receiveBuffer: Int32? = nil,
        blocking: Bool = true
    ) throws -> Client {
        let port = try openPort ?? (server ?? self.server()).port
        do {
            let client = try Client(
                to: port, name: name, timeline: timeline, receiveBuffer: receiveBuffer,
                blocking: blocking)
            clients.append(client)
            return client
        } catch let error as ClientError {
            throw Deviation("the server cannot be connected to", "  \(error)")
        }
    }

    /// Runs `work` on a thread of its own.
    @discardableResult
    func inBackground(_ work: @escaping @Sendable () -> Void) -> Background {
        let thread = Background(work)
        threads.append(thread)
        return thread
    }

    /// Reads nothing for a while, until the way from the server to the client is full.
    ///
    /// The sender either gets stuck on the way or, with room for all of it, is done.
    func letFillUp(_ sender: Background) {
        timeline.add("client reads nothing for a while")
        _ = sender.join(by: Deadline(in: 0.3 / Deadline.multiplier))
    }

    /// What standard error of the servers so far ends with, and how a trap began.
    var lastErrors: String {
        let lines = servers.flatMap { server in
            server.allErrors.filter { $0.contains("Fatal error") }.prefix(2)
                + server.allErrors.suffix(3)
        }
        return lines.suffix(6).map { "  \($0.prefix(200))" }.joined(separator: "\n")
    }

    /// Notes what a reader's own program may do in its own way, and throws if it is a stage's.
    func console(_ deviation: Deviation) throws {
        if judgesConsole { throw deviation }
        notes.append(deviation.symptom)
    }

    /// What holds after every behaviour: the server lives, and answers the next client.
    func checkAftermath() throws {
        for thread in threads where !thread.join() {
            throw Deviation("a client of the check is stuck")
        }
        for client in clients { client.close() }
        if let port = openPort {
            let next = try Client(to: port, name: "the next client", timeline: timeline)
            return try exchange(Array("are you there?".utf8), over: next)
        }
        for server in servers where server.port != 0 && expectsLife(server) {
            if !server.isRunning {
                let end = server.waitForExit().map(\.description) ?? ""
                throw Deviation("the server's process is gone", "  The server \(end).")
            }
            let next = try connect("the next client", to: server)
            try exchange(Array("are you there?".utf8), over: next)
        }
    }

    /// Servers that are meant to end are not asked whether they live.
    private func expectsLife(_ server: Server) -> Bool { !mayEnd.contains { $0 === server } }
    private var mayEnd: [Server] = []

    /// Sends a signal that is meant to end the server.
    func end(_ server: Server, with number: Int32) {
        mayEnd.append(server)
        timeline.add("the server gets \(number == SIGINT ? "SIGINT" : "SIGTERM")")
        server.signal(number)
    }

    /// Expects that the server makes no room for what has only been announced.
    func expectNoHoard(
        in server: Server, since before: (memory: Int, reserved: Int?), most: Int
    ) throws {
        let growth = server.memory - before.memory
        // Memory that has been reserved and not touched shows in the second figure only.
        let reserved = (server.reservedMemory ?? 0) - (before.reserved ?? 0)
        guard growth <= most, reserved <= 16 * most else {
            throw Deviation(
                "the server makes room for what was announced",
                "  It has grown by \(growth / 1024) KiB, and reserved \(reserved / 1024) KiB more.")
        }
    }

    /// Says that the server is meant to end.
    func expectEnd(of server: Server) { mayEnd.append(server) }

    /// Stops whatever is left.
    func cleanUp() {
        for server in servers { server.stop() }
        for client in clients { client.close() }
        for thread in threads { _ = thread.join() }
    }
}

/// A thread that can be waited for.
final class Background: Sendable {
    private let done = DispatchSemaphore(value: 0)

    /// Starts a thread.
    init(_ work: @escaping @Sendable () -> Void) {
        let done = done
        Thread.detachNewThread {
            work()
            done.signal()
        }
    }

    /// Waits for the end of the thread; false if it does not come.
    func join(by deadline: Deadline = Deadline(in: 20)) -> Bool {
        let result = done.wait(timeout: .now() + .milliseconds(Int(deadline.milliseconds)))
        if result == .success { done.signal() }
        return result == .success
    }
}

// MARK: - What clients do, and what they expect

extension Lab {
    /// Says `payload` as one message and expects the answer to it, to the byte.
    func exchange(_ payload: [UInt8], over client: Client, by deadline: Deadline = Deadline())
        throws
    {
        do {
            try client.send(dialect.message(payload))
        } catch {
            throw Deviation("the connection breaks while the client sends", "  \(error)")
        }
        try expect(dialect.answer(to: payload), from: client, by: deadline)
    }

    /// Says `payload` and expects its content back, whatever the answer puts around it.
    func talk(_ payload: String, over client: Client, by deadline: Deadline = Deadline()) throws {
        try client.send(dialect.message(Array(payload.utf8)))
        try expectAnswer(payload, from: client, by: deadline)
    }

    /// Expects the content of `payload` next, whatever the answer puts around it.
    func expectAnswer(
        _ payload: String, from client: Client, by deadline: Deadline = Deadline()
    ) throws {
        let expected = Array(payload.utf8)
        var received: [UInt8] = []
        var end: Client.End?
        while end == nil, dialect.content(of: received) != expected,
            received.count < dialect.answer(to: expected).count
        {
            let part = client.receive(by: deadline)
            received += part.bytes
            end = part.end
        }
        if !received.isEmpty { timeline.add("\(client.name) receives \(inWords(received))") }
        try compare(expected, dialect.content(of: received), end)
    }

    /// Expects exactly these bytes next.
    func expect(_ expected: [UInt8], from client: Client, by deadline: Deadline = Deadline()) throws
    {
        let (received, end) = client.receive(exactly: expected.count, by: deadline)
        try compare(expected, received, end)
    }

    /// Expects exactly these bytes, and the end of the stream behind them.
    func expect(
        _ expected: [UInt8], thenEndOf client: Client, pause: Int32 = 0,
        by deadline: Deadline = Deadline()
    ) throws {
        let (received, end) = client.receiveToEnd(pause: pause, by: deadline)
        try compare(expected, received, received == expected && end == .endOfStream ? nil : end)
        if end == .timeout { throw Deviation("the server does not close", "") }
        if end == .reset { throw Deviation("a reset instead of the end of the stream", "") }
    }

    /// Expects the content of `payload`, in whatever pieces, and the end of the stream behind it.
    func expect(
        content payload: [UInt8], thenEndOf client: Client, pause: Int32 = 0,
        by deadline: Deadline = Deadline()
    ) throws {
        let (received, end) = client.receiveToEnd(pause: pause, by: deadline)
        let content = dialect.content(of: received)
        try compare(payload, content, content == payload && end == .endOfStream ? nil : end)
        if end == .timeout { throw Deviation("the server does not close") }
        if end == .reset { throw Deviation("a reset instead of the end of the stream") }
    }

    /// Compares what came with what should have.
    func compare(_ expected: [UInt8], _ received: [UInt8], _ end: Client.End?) throws {
        guard received != expected else { return }
        throw Deviation(
            symptom(expected: expected, received: received, end: end),
            difference(expected: expected, received: received))
    }

    /// What a difference looks like from afar.
    private func symptom(expected: [UInt8], received: [UInt8], end: Client.End?) -> String {
        let isPart = expected.starts(with: received)
        if isPart, end == .reset { return "the connection is reset before all has come back" }
        if received.isEmpty {
            return end == .timeout ? "no answer comes" : "the server closes without an answer"
        }
        if case .prefixed = dialect {
            let position = zip(expected, received).prefix { $0 == $1 }.count
            let prefix = Array("[echo] ".utf8)
            if received[position...].first == prefix[0] { return "an answer for every read" }
            if expected[position...].starts(with: prefix) { return "one answer for both" }
        }
        let replacement: [UInt8] = [0xef, 0xbf, 0xbd]
        if received.contains(replacement), !expected.contains(replacement) {
            return "what is not UTF-8 comes back as U+FFFD"
        }
        if isPart {
            return end == .timeout
                ? "a part of the answer is missing" : "the server closes too early"
        }
        if received.starts(with: expected) { return "more comes back than was asked for" }
        return "other bytes come back"
    }
}

extension [UInt8] {
    /// Whether `pattern` occurs.
    fileprivate func contains(_ pattern: [UInt8]) -> Bool {
        indices.contains { self[$0] == pattern[0] && self[$0...].starts(with: pattern) }
    }
}

/// Random numbers that are the same in every run, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Starts a sequence.
    init(_ seed: UInt64) { state = seed }

    /// The next number (splitmix64).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// So many random bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for start in stride(from: 0, to: count, by: 8) {
            var word = next()
            for index in start..<Swift.min(start + 8, count) {
                bytes[index] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
        }
        return bytes
    }

    /// So many letters, random up to a period that fits no buffer's size.
    mutating func text(_ count: Int) -> [UInt8] {
        let period = bytes(Swift.min(count, 65_521)).map { 0x61 + $0 % 26 }
        var text: [UInt8] = []
        text.reserveCapacity(count + period.count)
        while text.count < count { text += period }
        return Array(text.prefix(count))
    }
}
