// A server as a process of its own. SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a process has ended.
public enum Ending: Equatable, Sendable, CustomStringConvertible {
    case status(Int32)
    case signal(Int32)

    /// The end in words.
    public var description: String {
        switch self {
        case .status(let code): "exit status \(code)"
        case .signal(let number): "signal \(number) (\(String(cString: strsignal(number))))"
        }
    }
}

/// What a server finds when it starts.
struct Surroundings {
    /// How many descriptors it may have open; nil for as many as we.
    var descriptors: Int?
    /// Whether the pipe for its log holds 4 KiB instead of 1 MiB.
    var hasSmallPipe = false
    /// What its environment has besides ours.
    var environment: [String: String] = [:]
}

/// A running server.
final class Server {
    /// The process.
    let pid: pid_t
    /// The port that it listens on; 0 until `waitUntilListening` has returned.
    private(set) var port: UInt16 = 0
    /// Its standard output and standard error, which don't block.
    var output: LogStream
    var errors: LogStream
    /// How it has ended; nil while it runs.
    private(set) var ending: Ending?

    /// Starts a program on any free port, and waits for nothing.
    init(_ program: URL, in surroundings: Surroundings = Surroundings()) throws {
        var pipes: [[Int32]] = []
        for _ in 0..<2 {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw Failure(call: "pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ of fcntl(2)
            _ = fcntl(ends[0], setPipeSize, surroundings.hasSmallPipe ? 4_096 : 1 << 20)
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            pipes.append(ends)
        }
        output = LogStream(pipes[0][0])
        errors = LogStream(pipes[1][0])
        defer { for ends in pipes { close(ends[1]) } }
        var command = [program.path, "0"]
        if let limit = surroundings.descriptors {
            command = ["/bin/sh", "-c", "ulimit -n \(limit); exec \"$0\" \"$@\""] + command
        }
        pid = try Self.spawn(command, surroundings, output: pipes[0][1], errors: pipes[1][1])
    }

    /// Starts a program, and waits until it says on which port it listens.
    static func listening(
        _ program: URL, in surroundings: Surroundings = Surroundings()
    ) throws -> Server {
        let server = try Server(program, in: surroundings)
        let deadline = Clock.now + 20_000
        while Clock.now < deadline, !server.hasEnded {
            server.output.read()
            if let line = server.output.recent.first, let colon = line.lastIndex(of: ":"),
                let port = UInt16(line[line.index(after: colon)...])
            {
                server.port = port
                return server
            }
            server.output.waitForMore(100)
        }
        server.errors.read()
        let words = server.errors.recent.joined(separator: "\n")
        throw Failure("\(program.path) doesn't say that it listens. \(words)")
    }

    deinit {
        if !hasEnded {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        close(output.descriptor)
        close(errors.descriptor)
    }

    /// Whether the process is over.
    var hasEnded: Bool {
        if ending != nil { return true }
        var code: Int32 = 0
        guard waitpid(pid, &code, WNOHANG) == pid else { return false }
        ending = code & 0x7f == 0 ? .status(code >> 8 & 0xff) : .signal(code & 0x7f)
        return true
    }

    /// Waits for the end of the process, and reads its log meanwhile; false if it lives on.
    func waitForEnd(_ milliseconds: Double) -> Bool {
        let deadline = Clock.now + milliseconds
        while !hasEnded, Clock.now < deadline {
            output.read()
            errors.read()
            Clock.letPass(2)
        }
        return hasEnded
    }

    /// Starts a process with default signals, and our pipes as its standard streams.
    private static func spawn(
        _ command: [String], _ surroundings: Surroundings, output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let environment = ProcessInfo.processInfo.environment
            .merging(surroundings.environment) { $1 }.map { "\($0)=\($1)" }
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw Failure("\(command[0]): \(String(cString: strerror(code)))") }
        return pid
    }
}
