// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 6.8 The log that nobody reads.
enum Exercise6_8 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .logsForNobody, red: "the log holds up the server",
        changes: [
            Change(.unreadLog, .holds),
            Change(.unreadLogTwice, .doesNotApply("it ends at the first signal")),
        ])
}

extension Behaviour {
    /// Exercise 6.8: a log that waits for nobody, and says what it has dropped.
    fileprivate static let logsForNobody = Behaviour(
        family: .resources,
        title: "Nobody reads the log: clients are answered, and lines that are lost are counted",
        chapter: .shutdown,
        hint: "A thread of its own may wait for the log, and no more than 1,000 lines for it."
    ) { lab in
        let server = try lab.startUnread()
        defer { server.stop() }
        // More lines than may wait and a pipe of 64 KiB, as macOS makes them, have room for.
        try lab.comeAndGo(1500, at: server)
        try lab.expectBlockingOutput(of: server)
        lab.timeline.add("the log is read, to its end")
        server.readOn(untilSilentFor: 0.3)
        try lab.comeAndGo(1, at: server)
        try lab.expectEveryLineCounted(in: server, clients: 1501)

        let other = try lab.startUnread()
        defer { other.stop() }
        try lab.comeAndGo(1500, at: other)
        let last = try Client(to: other.port, name: "the last client", timeline: lab.timeline)
        try lab.exchange(Array("hello".utf8), over: last)
        lab.end(other.process, with: SIGTERM)
        try lab.expectFarewell(to: last)
        last.close()
        guard let status = other.process.waitForExit(by: Deadline(in: 1)) else {
            throw Deviation(
                "the log holds up the end",
                "  A second after the last client has gone, the process is still there.",
                hint: "Wait for the last lines, but not for long: perhaps nobody reads them.")
        }
        guard status == .exited(0) else {
            throw Deviation(Symptom.outOfOrder, "  The server \(status).")
        }
    }
}

extension Lab {
    /// Starts a server whose log is read up to the line that names the port, and no further.
    fileprivate func startUnread() throws -> UnreadServer {
        let server = try UnreadServer(program)
        timeline.add("the server is started; its log is a pipe, which nobody reads from now on")
        return server
    }

    /// Lets clients come, be answered, and leave, one after the other.
    fileprivate func comeAndGo(_ count: Int, at server: UnreadServer) throws {
        let hello = Array("hello".utf8)
        for number in 1...count {
            let client = try Client(to: server.port, timeline: Timeline())
            defer { client.close() }
            try client.send(dialect.message(hello))
            let answer = dialect.answer(to: hello)
            guard client.receive(expecting: answer, by: Deadline(in: 2)).bytes == answer else {
                timeline.add("client \(number) of \(count) gets no answer within 2 s")
                throw Deviation(
                    "the log holds up the server",
                    "  \(number - 1) clients were answered before; then the pipe was full.")
            }
        }
        timeline.add(count == 1 ? "one more comes, too" : "\(count) clients come, and are answered")
    }

    /// Expects that the output waits as before: whoever shares it would not be prepared for that.
    fileprivate func expectBlockingOutput(of server: UnreadServer) throws {
        guard let isNonblocking = server.hasNonblockingOutput, isNonblocking else { return }
        throw Deviation(
            "standard output has become non-blocking",
            "  O_NONBLOCK belongs to the open file, not to a process: whoever shares the terminal or\n"
                + "  the pipe with the server, the shell first of all, has it now, too.",
            hint: "Leave the output as it is, and let a thread of its own wait for it.")
    }

    /// Expects that a line is either there or counted as lost, and that not all of them have waited.
    fileprivate func expectEveryLineCounted(in server: UnreadServer, clients: Int) throws {
        let sum = { server.clientLines + server.lostLines }
        let deadline = Deadline(in: 3)
        while sum() < 2 * clients, !deadline.hasPassed { server.readOn(untilSilentFor: 0.1) }
        let story =
            "  \(clients) clients have come and gone: \(2 * clients) lines. "
            + "\(server.clientLines) are there, \(server.lostLines) are said to be lost."
        guard server.lostLines > 0 || sum() < 2 * clients else {
            throw Deviation(
                "every line waits: the memory for a log that nobody reads has no end", story)
        }
        guard sum() == 2 * clients else {
            throw Deviation(
                "lines are lost, and the count is another", story,
                hint: "The next line that finds room has this one before it: Log: 12 lines lost")
        }
        // The last client's two lines, and perhaps one of the client before it.
        guard server.linesBehindLoss <= 3 else {
            throw Deviation(
                "the loss is told in the wrong place",
                "  \(server.linesBehindLoss) lines follow it. Most of them were kept before the loss.",
                hint: "Count what was lost when the next line is put down, not when it is written.")
        }
    }
}

/// A server whose output is a pipe that is read only when somebody asks for it.
private final class UnreadServer {
    /// The process: a shell that becomes the server.
    let process: Server
    /// The port that its first line names.
    private(set) var port: UInt16 = 0
    /// What has been read of the log.
    private var log: [UInt8] = []
    /// The end that the log comes out of.
    private let end: Int32
    /// The folder of the pipe's name.
    private let folder: URL

    /// Starts a program, and reads its first line.
    init(_ program: Program) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("unread-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let name = folder.appendingPathComponent("log").path
        guard mkfifo(name, 0o600) == 0 else { throw ClientError(call: "mkfifo", code: errno) }
        end = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        #if os(Linux)
            // F_SETPIPE_SZ: as small as a pipe can be.
            _ = fcntl(end, 1031, 4096)
        #endif
        process = try Server(
            Program(path: "/bin/sh", isForeign: true),
            arguments: ["-c", "exec \"$0\" 0 >\"$1\"", program.path, name])
        let deadline = Deadline()
        while lines.isEmpty, !deadline.hasPassed {
            letPass(0.01)
            readOn(untilSilentFor: 0.02)
        }
        guard let first = lines.first?.split(separator: ":").last, let number = UInt16(first) else {
            throw Deviation(Symptom.noStart, "  Its first line: \(lines.first ?? "none")")
        }
        port = number
    }

    deinit {
        close(end)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Ends the process by force.
    func stop() { process.stop() }

    /// Reads until nothing has come for so many seconds.
    func readOn(untilSilentFor seconds: Double) {
        var entry = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, Int32(seconds * 1000)) > 0 {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(end, &bytes, bytes.count)
            guard count > 0 else { return }
            log += bytes.prefix(count)
        }
    }

    /// What has been read, line by line.
    private var lines: [String] {
        log.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    }

    /// How many lines say that a client has come or gone.
    var clientLines: Int {
        lines.filter { $0.hasPrefix("Connected: ") || $0.hasPrefix("Disconnected: ") }.count
    }

    /// How many lines are said to be lost.
    var lostLines: Int {
        lines.compactMap { line in
            line.hasPrefix("Log: ") && line.hasSuffix(" lines lost")
                ? Int(line.dropFirst(5).dropLast(11)) : nil
        }.reduce(0, +)
    }

    /// How many lines stand behind the last one that tells of a loss.
    var linesBehindLoss: Int { lines.reversed().prefix { !$0.hasPrefix("Log: ") }.count }

    /// Whether the server's output fails where it should wait; nil if nobody can tell.
    var hasNonblockingOutput: Bool? {
        let path = "/proc/\(process.pid)/fdinfo/1"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags:") }),
            let flags = Int32(line.dropFirst(6).trimmingCharacters(in: .whitespaces), radix: 8)
        else { return nil }
        return flags & O_NONBLOCK != 0
    }
}
