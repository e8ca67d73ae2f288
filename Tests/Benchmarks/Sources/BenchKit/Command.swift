// Other programs that run to their end. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that we run and wait for.
public enum Command {
    /// The path of a program, if it is a name that a shell would look up; nil if there is none.
    static func path(of program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let paths = program.contains("/") ? [program] : folders.map { "\($0)/\(program)" }
        return paths.first(where: FileManager.default.isExecutableFile)
    }

    /// Runs a program, and ends it if somebody wants to stop.
    ///
    /// - Parameters:
    ///   - arguments: The program's name or path, and its arguments.
    ///   - folder: Where it runs; here, if nil.
    ///   - showsOutput: Whether its output goes where ours goes, not into the result.
    /// - Returns: What it wrote to standard output.
    /// - Throws: A failure, if its exit status is not 0.
    @discardableResult
    public static func run(
        _ arguments: [String], in folder: URL? = nil, showsOutput: Bool = false
    ) throws -> String {
        guard let path = arguments.first.flatMap(path) else {
            throw Failure("no such program: \(arguments.first ?? "")")
        }
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("bench-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try FileHandle(forWritingTo: file)
        defer { try? output.close() }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = Array(arguments.dropFirst())
        process.currentDirectoryURL = folder
        if !showsOutput {
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
        }
        try process.run()
        do {
            while process.isRunning { try Clock.sleep(0.02) }
        } catch {
            process.terminate()
            process.waitUntilExit()
            throw error
        }
        let status = process.terminationStatus
        guard status == 0 else {
            throw Failure("\(arguments.joined(separator: " ")): exit status \(status)")
        }
        return try String(contentsOf: file, encoding: .utf8)
    }
}
