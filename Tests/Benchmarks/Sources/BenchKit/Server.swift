// A server under measurement: a program of its own, started for one measurement and ended behind it.
// SPDX-License-Identifier: Apache-2.0

import CBench
import Foundation

/// A program that takes a port as its last argument and listens there, on 127.0.0.1.
public struct Program: Sendable {
    /// What the report calls it.
    public let name: String
    /// The command, without the port: an executable's path, and arguments.
    let command: [String]
    /// What its environment has besides ours.
    var environment: [String: String] = [:]

    /// Creates a program.
    public init(name: String, command: [String]) {
        self.name = name
        self.command = command
    }

    /// Creates a program from `name='command PORT'`; the word PORT may be left out.
    public init?(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let words = text[text.index(after: equals)...].split(separator: " ").map(String.init)
        let command = words.last == "PORT" ? words.dropLast() : words[...]
        guard let program = command.first, equals != text.startIndex else { return nil }
        guard let path = Command.path(of: program) else { return nil }
        self.init(name: String(text[..<equals]), command: [path] + command.dropFirst())
    }

    /// The same program, started by another: `strace`, say.
    func started(by wrapper: [String]) -> Program {
        Program(name: name, command: wrapper + command)
    }
}

/// A running server.
///
/// Its standard output goes to /dev/null, so that its log costs it as little as can be and us
/// nothing. It cannot tell us its port then: we choose a free one, and connect until it answers.
public final class Server {
    /// The process.
    let pid: pid_t
    /// The port that it listens on.
    public let port: Int
    /// Whether it still has to be ended.
    private var isRunning = true

    /// Starts a program, and waits until it accepts connections.
    public static func start(_ program: Program) throws -> Server {
        // Between our look and its `bind` somebody may take the port.
        for _ in 0..<3 {
            if let server = try? Server(program, on: freePort(), within: 10) { return server }
            try Interruption.check()
        }
        throw Failure("\(program.command.joined(separator: " ")) PORT: does not listen")
    }

    /// Starts a program on a port, and waits until it accepts connections, for `limit` seconds.
    init(_ program: Program, on port: Int, within limit: Double) throws {
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        let arguments = program.command + [String(port)]
        let environment = ProcessInfo.processInfo.environment
            .merging(program.environment) { $1 }.map { "\($0)=\($1)" }
        self.port = port
        pid = withCStrings(arguments) { arguments in
            withCStrings(environment) { start_child(arguments, $0, null, null) }
        }
        guard pid > 0 else {
            isRunning = false
            throw Failure(call: "fork")
        }
        do {
            try waitUntilListening(within: limit)
        } catch {
            stop()
            throw error
        }
    }

    deinit { stop() }

    /// Ends the process, at once, and waits until it has gone.
    public func stop() {
        guard isRunning else { return }
        isRunning = false
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// Connects until it works.
    private func waitUntilListening(within limit: Double) throws {
        let start = Clock.now
        while true {
            if let probe = try? Connection.open(to: port) {
                close(probe)
                return
            }
            if waitpid(pid, nil, WNOHANG) == pid {
                isRunning = false
                throw Failure("the server has ended before it listened")
            }
            if Clock.seconds(since: start) > limit { throw Failure("the server does not listen") }
            try Clock.sleep(0.005)
        }
    }

    /// A port that nobody uses, below those that the system gives to clients.
    private static func freePort() throws -> Int {
        for port in (20_000..<30_000).shuffled().prefix(100) {
            var number = Int32(port)
            let socket = listen_on_loopback(&number, 1, true, false)
            if socket >= 0 {
                close(socket)
                return port
            }
        }
        throw Failure("there is no free port")
    }
}

/// Calls `body` with the strings as C has them: an array that ends with a null pointer.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
