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
        let server = try start(in: Surroundings(descriptors: descriptors, socket: socket))
        if let socket {
            timeline.add(
                "the server is started with the socket as descriptor 3, LISTEN_FDS=\(socket.count), "
                    + "LISTEN_PID=\(socket.pid == "$$" ? "its process id" : socket.pid)")
        }
        return server
    }

    /// Starts another server, which finds itself in these surroundings.
    func start(in surroundings: Surroundings) throws -> Server {
        do {
            if program.isForeign { timeline.add("\(program.path) is started with the argument 0") }
            let server = try Server.listening(program, in: surroundings)
            servers.append(server)
            return server
        } catch let error as StartError {
            throw Deviation(Symptom.noStart, "  \(error.reason)")
        }
    }

    /// Starts a server whose listening line nobody sees, because of what becomes of its streams.
    ///
    /// - Parameters:
    ///   - redirections: What the shell does with its streams.
    ///   - commands: What the shell does before.
    /// - Returns: The server, listening.
    /// - Throws: If it doesn't listen.
    func startUnseen(_ redirections: String, after commands: String = "") throws -> Server {
        let port = try freePort()
        let surroundings = Surroundings(commands: commands, redirections: redirections)
        timeline.add("the server is started: \(commands) … \(port) \(redirections)")
        let server = try Server(program, arguments: ["\(port)"], in: surroundings)
        servers.append(server)
        guard server.waitUntilItListens(on: port) else { throw Deviation(Symptom.noStart) }
        return server
    }

    /// Runs the program with arguments of its own, not waiting for it to listen.
    func launch(
        _ arguments: [String], in surroundings: Surroundings = Surroundings()
    ) throws -> Server {
        let server = try Server(program, arguments: arguments, in: surroundings)
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
            throw Deviation(Symptom.noConnection, "  \(error)")
        }
    }

    /// Has a client closed at the end that the lab has not connected itself.
    func keep(_ client: Client) { clients.append(client) }

    /// Runs `work` on a thread of its own.
    @discardableResult
    func inBackground(_ work: @escaping @Sendable () -> Void) -> Background {
        let thread = Background(work)
        threads.append(thread)
        return thread
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
            throw Deviation(Symptom.clientStuck)
        }
        for client in clients { client.close() }
        if let port = openPort {
            let next = try Client(to: port, name: "the next client", timeline: timeline)
            return try exchange(Array("are you there?".utf8), over: next)
        }
        for server in servers where server.port != 0 && expectsLife(server) {
            if !server.isRunning {
                let end = server.waitForExit().map(\.description) ?? ""
                throw Deviation(Symptom.processGone, "  The server \(end).")
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
        let names = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"]
        timeline.add("the server gets \(names[number] ?? "signal \(number)")", isTurn: true)
        server.signal(number)
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
