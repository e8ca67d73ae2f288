// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// How a process ended.
enum ExitStatus: Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// The end in words.
    var description: String {
        switch self {
        case .exited(let status): "ended with exit status \(status)"
        case .signalled(let number): "was ended by signal \(number)"
        }
    }
}

/// A server as a process of its own, started on a free port.
final class Server: @unchecked Sendable {
    /// The process.
    let pid: pid_t
    /// The port it says it listens on; 0 until then, and for good if it does not get that far.
    private(set) var port: UInt16 = 0

    /// Those that run, for whoever has to end them all; nil while none may be started.
    private static let running = Mutex<[ObjectIdentifier: Server]?>([:])

    private let changed = NSCondition()
    private var output = Lines()
    private var errors = Lines()
    private var status: ExitStatus?

    /// Starts a program, and does not wait for anything.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - arguments: Its arguments.
    ///   - descriptors: How many it may have open; nil for as many as we.
    ///   - socket: What it is handed; nil for nothing.
    /// - Throws: `StartError` if it cannot be started.
    init(
        _ program: Program, arguments: [String], descriptors: Int? = nil,
        handing socket: HandedSocket? = nil
    ) throws {
        var command = [program.path] + arguments
        // The shell that becomes the server has its process id already.
        let steps =
            (descriptors.map { "ulimit -n \($0); " } ?? "")
            + (socket.map { "export LISTEN_FDS=\($0.count) LISTEN_PID=\($0.pid); " } ?? "")
        if !steps.isEmpty {
            command = ["/bin/sh", "-c", steps + "exec \"$0\" \"$@\""] + command
        }
        var outputPipe: [Int32] = [0, 0]
        var errorPipe: [Int32] = [0, 0]
        guard pipe(&outputPipe) == 0, pipe(&errorPipe) == 0 else {
            throw StartError(reason: "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        for end in outputPipe + errorPipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (code, pid) = spawn(
            command, output: outputPipe[1], errors: errorPipe[1], socket: socket?.descriptor)
        close(outputPipe[1])
        close(errorPipe[1])
        guard code == 0 else {
            close(outputPipe[0])
            close(errorPipe[0])
            throw StartError(
                reason: "cannot start \(program.path): \(String(cString: strerror(code)))")
        }
        self.pid = pid
        let isWelcome = Self.running.withLock { $0?[ObjectIdentifier(self)] = self } != nil
        if !isWelcome { kill(pid, SIGKILL) }
        let ends = (outputPipe[0], errorPipe[0])
        Thread.detachNewThread { self.follow(ends.0, ends.1) }
    }

    /// Starts a program on a free port and waits for the line that says which.
    static func listening(
        _ program: Program, descriptors: Int? = nil, handing socket: HandedSocket? = nil
    ) throws -> Server {
        let server = try Server(
            program, arguments: ["0"], descriptors: descriptors, handing: socket)
        guard server.waitForPort() else {
            let story = (server.allOutput + server.allErrors).joined(separator: "\n")
            server.stop()
            throw StartError(
                reason:
                    "\(program.path) did not print a line that ends in 127.0.0.1:PORT.\n\(story)")
        }
        return server
    }

    /// Waits for the line that names the port.
    func waitForPort(by deadline: Deadline = Deadline()) -> Bool {
        guard let line = waitForOutput(by: deadline, where: { $0.contains("127.0.0.1:") }),
            let number = line.split(separator: ":").last, let port = UInt16(number)
        else { return false }
        self.port = port
        return true
    }

    /// All lines on standard output so far.
    var allOutput: [String] { changed.withLock { output.all } }
    /// All lines on standard error so far.
    var allErrors: [String] { changed.withLock { errors.all } }
    /// Whether the process is alive.
    var isRunning: Bool { changed.withLock { status == nil } }

    /// Waits for a line on standard output; nil if there is none by the deadline.
    func waitForOutput(by deadline: Deadline = Deadline(), where isIt: (String) -> Bool) -> String?
    {
        wait(by: deadline) { self.output.all.first(where: isIt) }
    }

    /// Waits for a line on standard error; nil if there is none by the deadline.
    func waitForError(by deadline: Deadline = Deadline(), where isIt: (String) -> Bool) -> String? {
        wait(by: deadline) { self.errors.all.first(where: isIt) }
    }

    /// Waits for the end of the process; nil if it lives on.
    func waitForExit(by deadline: Deadline = Deadline()) -> ExitStatus? {
        wait(by: deadline) { self.status }
    }

    /// Sends a signal, unless the process has ended.
    func signal(_ number: Int32) {
        changed.withLock {
            if status == nil { _ = kill(pid, number) }
        }
    }

    /// Ends the process by force, and waits until it has ended.
    func stop() {
        signal(SIGKILL)
        _ = waitForExit()
    }

    /// Ends all servers by force, also those that somebody is about to start.
    static func stopAll() {
        let all = running.withLock { servers in
            defer { servers = nil }
            return Array((servers ?? [:]).values)
        }
        for server in all { server.signal(SIGKILL) }
    }

    /// Lets servers be started again after `stopAll`.
    static func mayStart() { running.withLock { $0 = $0 ?? [:] } }

    private func wait<Result>(by deadline: Deadline, for result: () -> Result?) -> Result? {
        changed.withLock {
            while true {
                if let result = result() { return result }
                // Nothing will be printed any more.
                if status != nil { return nil }
                if deadline.hasPassed {
                    deadline.ranOut()
                    return nil
                }
                _ = changed.wait(
                    until: Date(timeIntervalSinceNow: Double(deadline.milliseconds) / 1e3))
            }
        }
    }

    /// Reads what the process prints until it has ended; a server whose pipe is full would block.
    private func follow(_ output: Int32, _ errors: Int32) {
        var entries = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while entries.contains(where: { $0.fd >= 0 }) {
            guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
            let printed = Self.read(&entries[0])
            // Looked at again: whoever waits for a line on standard output has to find everything
            // that was written to standard error before it.
            _ = poll(&entries[1], 1, 0)
            let complained = Self.read(&entries[1])
            changed.withLock {
                self.output.append(printed)
                self.errors.append(complained)
                changed.broadcast()
            }
        }
        // Collected under the lock, so that no signal goes to a process id that is somebody else's.
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        changed.withLock {
            var code: Int32 = 0
            waitpid(pid, &code, 0)
            status = code & 0x7f == 0 ? .exited(code >> 8 & 0xff) : .signalled(code & 0x7f)
            changed.broadcast()
        }
        Self.running.withLock { _ = $0?.removeValue(forKey: ObjectIdentifier(self)) }
    }
}

extension Server {
    /// Reads what is there, without waiting, and closes at the end.
    fileprivate static func read(_ entry: inout pollfd) -> [UInt8] {
        guard entry.fd >= 0, entry.revents != 0 else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, Foundation.read(entry.fd, buffer.baseAddress, buffer.count))
        }
        if bytes.isEmpty {
            close(entry.fd)
            entry.fd = -1
        }
        return bytes
    }
}

/// A listening socket for a server that is about to start: its descriptor 3.
struct HandedSocket {
    /// Ours; above 3, so that it can be copied there.
    let descriptor: Int32
    /// What LISTEN_PID says: whom it is meant for.
    var pid = "$$"
    /// What LISTEN_FDS says: how many there are.
    var count = 1
}

/// What a process has printed; taken apart only when somebody looks, as there may be a lot of it.
private struct Lines {
    private var lines: [String] = []
    private var rest: [UInt8] = []

    /// Adds what was printed.
    mutating func append(_ bytes: [UInt8]) { rest += bytes }

    /// All whole lines.
    var all: [String] {
        mutating get {
            guard let end = rest.lastIndex(of: 0x0a) else { return lines }
            lines += rest[..<end].split(separator: 0x0a, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            rest.removeFirst(end + 1)
            return lines
        }
    }
}

/// A server that did not come up.
struct StartError: Error, CustomStringConvertible {
    /// Why.
    let reason: String

    /// The reason.
    var description: String { reason }
}

/// Starts a process with standard output and error redirected and every signal as a shell has it.
///
/// Tests ignore SIGPIPE, and a child would inherit that: a server that forgets about SIGPIPE would
/// pass here and end on its user's machine.
private func spawn(
    _ command: [String], output: Int32, errors: Int32, socket: Int32?
) -> (code: Int32, pid: pid_t) {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
    #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    if let socket { posix_spawn_file_actions_adddup2(&actions, socket, 3) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &variables)
    return (code, pid)
}
