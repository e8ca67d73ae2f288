// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that is a client, and the check that is its server: the other way round than everywhere else.
///
/// It reads a named pipe, so that its input can stay open, and writes to a file. One thread at a time types.
final class ClientProgram: @unchecked Sendable {
    /// The lab, whose timeline tells the story.
    private let lab: Lab
    /// The socket on which the check listens.
    private let listener: Int32
    /// A folder for its streams, removed in the end.
    private let folder: URL
    /// The program, running.
    private let process: Server
    /// Our end of its input; -1 once that has ended.
    private var input: Int32

    /// Listens on a port, and starts the program with that as its argument.
    ///
    /// - Parameters:
    ///   - lab: Where it is acted out.
    ///   - isRefused: Whether nobody listens when it comes.
    /// - Throws: If it cannot be started.
    init(in lab: Lab, isRefused: Bool = false) throws {
        self.lab = lab
        let listener = socket(AF_INET, streamSocket, 0)
        self.listener = listener
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        // Small, so that 8 MiB on their way have to be read by somebody.
        var room: Int32 = 65_536
        for buffer in [SO_RCVBUF, SO_SNDBUF] {
            setsockopt(listener, SOL_SOCKET, buffer, &room, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = loopback(0)
        guard withSocketAddress(&address, { bind(listener, $0, $1) }) == 0 else {
            throw ClientError(call: "bind", code: errno)
        }
        _ = withSocketAddress(&address) { getsockname(listener, $0, &$1) }
        if !isRefused, listen(listener, 16) != 0 { throw ClientError(call: "listen", code: errno) }
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("client-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pipe = folder.appendingPathComponent("input").path
        mkfifo(pipe, 0o600)
        // For both directions, or it would wait for the program to open the other end.
        input = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        let port = UInt16(bigEndian: address.sin_port)
        lab.timeline.add(
            "the client is started, and \(isRefused ? "nobody" : "a server of the check") listens")
        process = try lab.launch(
            ["\(port)"],
            in: Surroundings(redirections: "<'\(pipe)' >'\(folder.path)/output'"))
        lab.expectEnd(of: process)
    }

    deinit {
        process.stop()
        endInput()
        close(listener)
        try? FileManager.default.removeItem(at: folder)
    }

    /// What it has written to standard output.
    var output: [UInt8] {
        Array((try? Data(contentsOf: folder.appendingPathComponent("output"))) ?? Data())
    }

    /// Types into its standard input, as fast as it reads.
    func type(_ bytes: [UInt8]) {
        var rest = bytes[...]
        let deadline = Deadline(in: 20)
        while !rest.isEmpty, !deadline.hasPassed, process.isRunning {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else { letPass(0.002) }
        }
    }

    /// Ends its standard input.
    ///
    /// Not before it has connected: without a writer, it could not open the pipe.
    func endInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// Waits for its connection.
    func accepted() throws -> Client {
        var descriptor: Int32 = -1
        let deadline = Deadline(in: 5)
        while descriptor < 0, !deadline.hasPassed, process.isRunning {
            descriptor = accept(listener, nil, nil)
            if descriptor < 0 { letPass(0.002) }
        }
        guard descriptor >= 0 else {
            throw Deviation(ClientProgram.noConnection, words)
        }
        lab.timeline.add("the client connects")
        let connection = Client(accepted: descriptor, timeline: lab.timeline)
        lab.keep(connection)
        return connection
    }

    /// Expects that it ends, with this status.
    ///
    /// - Parameters:
    ///   - status: The exit status.
    ///   - word: What standard error has to say; nil if nothing need be said.
    ///   - symptom: What it means if it lives on.
    ///   - seconds: How long it may take.
    /// - Throws: What is wrong.
    func expectEnd(
        with status: Int32, saying word: String? = nil, orElse symptom: String,
        within seconds: Double = 5
    ) throws {
        guard let end = process.waitForExit(by: Deadline(in: seconds)) else {
            throw Deviation(symptom, "  It still runs after \(Int(seconds)) s.")
        }
        lab.timeline.add("the client \(end)")
        guard end == .exited(status) else {
            throw Deviation(
                "the client ends with another status",
                "  It \(end); \(status) was expected.\n\(words)")
        }
        guard let word, !process.allErrors.contains(where: { $0.contains(word) }) else { return }
        throw Deviation(
            "standard error does not say why", "  expected: a line with \"\(word)\"\n\(words)")
    }

    /// Expects this on its standard output, at once.
    ///
    /// - Parameters:
    ///   - expected: What is to be shown.
    ///   - symptom: What it means if something else is.
    ///   - silence: What it means if nothing is; nil for the same.
    /// - Throws: What is wrong.
    func expect(
        _ expected: [UInt8], orElse symptom: String, orElseIfNothing silence: String? = nil
    ) throws {
        _ = Deadline(in: 3).wait { self.output.count >= expected.count }
        let output = output
        guard output != expected else { return }
        throw Deviation(
            output.isEmpty ? silence ?? symptom : symptom,
            difference(expected: expected, received: output))
    }

    /// The last words on standard error.
    private var words: String {
        process.allErrors.suffix(2).map { "  standard error: \($0.prefix(120))" }
            .joined(separator: "\n")
    }

    /// What is wrong with a program that is still a server.
    static let noConnection = "it does not connect"
}
