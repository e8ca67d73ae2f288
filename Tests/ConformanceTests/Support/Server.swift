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

    /// Held while a process is started: it must not inherit the pipes of another.
    private static let starting = Mutex(())

    private let changed = NSCondition()
    private var output = Lines()
    private var errors = Lines()
    private var status: ExitStatus?
    /// Whether nobody reads any more what it prints.
    private var isUnread = false
    /// Whether nobody could read it any more.
    private var isGone = false

    /// Starts a program, and does not wait for anything.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - arguments: Its arguments.
    ///   - surroundings: What it finds.
    /// - Throws: `StartError` if it cannot be started.
    init(
        _ program: Program, arguments: [String], in surroundings: Surroundings = Surroundings()
    ) throws {
        let process = try Self.starting.withLock { _ in
            try StartedProcess(surroundings.command(program, arguments), in: surroundings)
        }
        pid = process.pid
        let isWelcome = Self.running.withLock { $0?[ObjectIdentifier(self)] = self } != nil
        if !isWelcome { kill(pid, SIGKILL) }
        Thread.detachNewThread { self.follow(process.output, process.errors) }
    }

    /// Starts a program on a free port and waits for the line that says which.
    static func listening(
        _ program: Program, in surroundings: Surroundings = Surroundings()
    ) throws -> Server {
        let server = try Server(program, arguments: ["0"], in: surroundings)
        guard server.waitForPort() else {
            let story = (server.allOutput + server.allErrors).joined(separator: "\n")
            server.stop()
            throw StartError(
                reason:
                    "\(program.path) did not print a line that ends in 127.0.0.1:PORT.\n\(story)")
        }
        return server
    }

    /// Waits until it listens on a port that it was told, where its line can't be read.
    func waitUntilItListens(on port: UInt16) -> Bool {
        self.port = port
        return Deadline().wait { !isRunning || isListening } && isRunning
    }

    /// Whether somebody listens on its port.
    private var isListening: Bool {
        #if os(Linux)
            // proc_net_tcp: the state 0A is LISTEN. A connection would take a descriptor for a while,
            // and it may be the very number that a test is about.
            let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
            return table.contains(String(format: ":%04X 00000000:0000 0A", port))
        #else
            return (try? Client(to: port, name: "probe", timeline: Timeline())) != nil
        #endif
    }

    /// Reads nothing more of what it prints, and keeps the pipes open until it has ended, or not.
    func stopReading(andClose isGone: Bool = false) {
        changed.withLock { (isUnread, self.isGone) = (true, isGone) }
        // Whoever reads looks every 50 ms whether to go on.
        letPass(0.06)
    }

    /// Fills what is left of the pipe that its lines go to, so that the shortest has no room.
    func fillUpOutput() {
        #if os(Linux)
            let pipe = open("/proc/\(pid)/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            guard pipe >= 0 else { return }
            defer { close(pipe) }
            while write(pipe, "\n", 1) == 1 {}
        #endif
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
            // Now and then, a look at whether to go on.
            let count = poll(&entries, nfds_t(entries.count), 50)
            if changed.withLock({ isUnread }) { break }
            guard count > 0 else { continue }
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
        // Open until the end, as a rule: nobody reads, but somebody could.
        func closePipes() {
            for entry in entries where entry.fd >= 0 { close(entry.fd) }
            entries = []
        }
        if changed.withLock({ isGone }) { closePipes() }
        defer { closePipes() }
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
