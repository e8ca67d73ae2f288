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

    /// Builds the library that lets a server's calls meet faults, and returns it.
    public static func faultLibrary(options: [String]) throws -> URL {
        let package = root.appendingPathComponent("Tests/Campaign")
        _ = try swift(["build", "--product", "KernelFaults"] + options, in: package, quiet: false)
        let folder = try swift(["build", "--show-bin-path"] + options, in: package, quiet: true)
        return URL(fileURLWithPath: folder.trimmingCharacters(in: .whitespacesAndNewlines))
            .appendingPathComponent("libKernelFaults.so")
    }

    /// Runs SwiftPM on a package, the workbook's own if not told otherwise, and returns what it prints.
    private static func swift(
        _ arguments: [String], in package: URL = root, quiet: Bool
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift"] + arguments + ["--package-path", package.path]
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
