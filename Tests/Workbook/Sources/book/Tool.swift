// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The system's own tools.
enum Tool {
    /// Tools that not every machine has, with a command that fails where they may not do their work.
    static let rare: KeyValuePairs<String, String> = [
        "strace": "strace -o /dev/null true",
        // Nothing need travel for its half second: that it could begin to listen is enough.
        "tcpdump": "timeout 0.5 tcpdump -i lo -c 1; test $? -ne 1",
        "ss": "ss -tn", "lsof": "lsof -v", "xxd": "xxd -v", "nc": "nc -h",
        "telnet": "command -v telnet",
    ]

    /// Why a command line cannot be run on this machine; nil if it can.
    static func missing(
        for command: String, among tools: KeyValuePairs<String, String> = rare
    ) -> String? {
        let words = Set(command.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "." })
        for (tool, probe) in tools where words.contains(Substring(tool)) {
            if output("sh", ["-c", "command -v \(tool)"])?.isEmpty != false {
                return "\(tool) is not installed"
            }
            if status("sh", ["-c", probe]) != 0 { return "\(tool) may not do its work here" }
        }
        return nil
    }

    /// Runs a tool, and returns what it writes to standard output; nil if it cannot be started.
    static func output(_ tool: String, _ arguments: [String], in folder: URL? = nil) -> String? {
        let output = Pipe()
        guard let process = start(tool, arguments, in: folder, output: output) else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// Runs a tool, and returns its exit status; nil if it cannot be started.
    static func status(_ tool: String, _ arguments: [String], in folder: URL? = nil) -> Int32? {
        guard let process = start(tool, arguments, in: folder, output: nil) else { return nil }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Starts a tool that reads nothing.
    private static func start(
        _ tool: String, _ arguments: [String], in folder: URL?, output: Pipe?
    ) -> Process? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        return process
    }
}
