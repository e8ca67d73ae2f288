// Where the stages' programs are. SPDX-License-Identifier: Apache-2.0

import Foundation

/// Finds the programs of the six stages.
public enum Programs {
    /// The root of the workbook.
    public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../..").standardized

    /// Lets this process open as many descriptors as it may.
    public static func raiseDescriptorLimit() { Sockets.raiseDescriptorLimit() }

    /// Builds a stage, and returns its program.
    public static func built(_ stages: [Stage], options: [String]) throws -> URL {
        for stage in stages {
            _ = try swift(["build", "--product", stage.name] + options, quiet: false)
        }
        let folder = try swift(["build", "--show-bin-path"] + options, quiet: true)
        return URL(fileURLWithPath: folder.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Runs SwiftPM on the workbook's own package, and returns what it prints.
    private static func swift(_ arguments: [String], quiet: Bool) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift"] + arguments + ["--package-path", root.path]
        let pipe = Pipe()
        process.standardOutput = quiet ? pipe : FileHandle.standardError
        try process.run()
        let output = quiet ? pipe.fileHandleForReading.readDataToEndOfFile() : Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("swift \(arguments.joined(separator: " ")) has failed")
        }
        return String(decoding: output, as: UTF8.self)
    }
}
