// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a scene plays: a copy of the workbook, in which a page may edit, with its built programs.
///
/// `swift run Stage1-Sync` stands for the built program, on a port that is free; a stage that the
/// scene has edited is built anew.
final class Workshop {
    /// The workbook itself.
    private let root: URL
    /// The copy.
    let folder: URL
    /// The stages whose sources the scene has changed.
    private var edited: Set<String> = []
    /// Where the workbook's programs are built, once it has been asked for.
    private var known: URL?

    /// Copies what a reader has.
    init(root: URL) throws(Trouble) {
        self.root = root
        let files = FileManager.default
        folder = files.temporaryDirectory.appending(path: "book-\(UUID().uuidString)")
        do {
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in try files.contentsOfDirectory(atPath: root.path)
            where !name.hasPrefix(".") && name != "Tests" {
                try files.copyItem(
                    at: root.appending(path: name), to: folder.appending(path: name))
            }
            for name in [".build", "Tests"] {
                try files.createSymbolicLink(
                    at: folder.appending(path: name),
                    withDestinationURL: root.appending(path: name))
            }
            try files.createDirectory(
                at: folder.appending(path: "bin"), withIntermediateDirectories: true)
        } catch {
            throw Trouble("cannot copy the workbook: \(error)")
        }
    }

    /// Removes the copy.
    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Makes the change that a `diff` fence without line numbers shows, in the one place it fits.
    func edit(_ file: String, as diff: [String]) throws(Trouble) {
        let sign = { (signs: String) in
            diff.filter { signs.contains($0.first ?? " ") }.map { String($0.dropFirst()) }
                .joined(separator: "\n")
        }
        let (before, after) = (sign(" -"), sign(" +"))
        let url = folder.appending(path: file)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else {
            throw Trouble("there is no file \(file)")
        }
        let places = text.components(separatedBy: before)
        guard places.count == 2 else {
            throw Trouble("the change fits \(file) in \(places.count - 1) places:\n\(before)")
        }
        do {
            try places.joined(separator: after).write(to: url, atomically: true, encoding: .utf8)
        } catch {
            throw Trouble("\(error)")
        }
        if let stage = file.split(separator: "/").first { edited.insert(String(stage)) }
    }

    /// A command as it is typed here: with this run's programs and ports.
    func translated(_ command: String, names: Names) throws(Trouble) -> String {
        var command = names.translated(command)
        for stage in stages {
            for start in ["swift run ", "$(swift build --show-bin-path)/"]
            where command.contains(start + stage) {
                try provide(stage)
                let isLast = command.hasSuffix(stage)
                let port = isLast ? " \(names.ports["8080"] ?? "0")" : ""
                command = command.replacing(start + stage, with: "bin/\(stage)") + port
            }
        }
        // A container's only user has no need of it, and no such program.
        if command.hasPrefix("sudo "), getuid() == 0 { command.removeFirst(5) }
        let test = "swift test --filter "
        if command.hasPrefix(test) {
            command = try tests(of: String(command.dropFirst(test.count)))
        }
        return command
    }

    /// The names of the stages.
    private var stages: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.filter { $0.hasPrefix("Stage") }.sorted()
    }

    /// Puts a stage's program into `bin`: the built one, or the edited one, compiled.
    private func provide(_ stage: String) throws(Trouble) {
        let program = folder.appending(path: "bin/\(stage)")
        let files = FileManager.default
        guard !files.fileExists(atPath: program.path) || edited.contains(stage) else { return }
        let built =
            edited.contains(stage)
            ? try builtAsEdited(stage) : try products().appending(path: stage)
        try? files.removeItem(at: program)
        do {
            try files.copyItem(at: built.resolvingSymlinksInPath(), to: program)
        } catch {
            throw Trouble("\(stage) is not built: run `swift build --build-tests` first")
        }
    }

    /// Builds a stage with the sources that the scene has edited; returns where the program is.
    private func builtAsEdited(_ stage: String) throws(Trouble) -> URL {
        let builder = root.appending(path: "Tests/Workbook/build-edited").path
        let line = "'\(builder)' \(stage) '\(folder.path)' 2>bin/errors"
        let path = Tool.output("sh", ["-c", line], in: folder)?
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard let path, !path.isEmpty, FileManager.default.fileExists(atPath: path) else {
            let errors = try? String(
                contentsOf: folder.appending(path: "bin/errors"), encoding: .utf8)
            throw Trouble("\(stage) does not compile as edited:\n\(errors ?? "")")
        }
        return URL(filePath: path)
    }

    /// Where the workbook's programs are built, whichever build system builds them.
    private func products() throws(Trouble) -> URL {
        if let known { return known }
        var line = ["build", "--show-bin-path", "--package-path", root.path]
        if let system = ProcessInfo.processInfo.environment["BUILD_SYSTEM"] {
            line += ["--build-system", system]
        }
        let path = Tool.output("swift", line)?.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let path, !path.isEmpty else { throw Trouble("swift build --show-bin-path fails") }
        let products = URL(filePath: path)
        known = products
        return products
    }

    /// The command for `swift test --filter StageN`, with the stages that the scene has edited.
    private func tests(of filter: String) throws(Trouble) -> String {
        let names = ["Stages", "Meta"].flatMap { group in
            let path = folder.appending(path: "Tests/ConformanceTests/\(group)").path
            return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        }
        let file =
            names.first { $0 == "\(filter.prefix { $0 != "/" }).swift" }
            ?? names.first { $0.hasPrefix(filter.prefix(6)) }
        guard let file else { throw Trouble("no tests are called \(filter)") }
        // The suite looks for the programs beside itself: among those of the scene, it finds the
        // edited ones, and says of them what a reader would see who has edited in place.
        for stage in stages { try provide(stage) }
        let products = try products()
        // One program for all tests, or one for each target of tests.
        let suites = ["tcp-workbookPackageTests.xctest", "ConformanceTests-test-runner"]
        let suite = suites.first { name in
            FileManager.default.isExecutableFile(atPath: products.appending(path: name).path)
        }
        guard let suite,
            Tool.status("cp", [products.appending(path: suite).path, "bin/"], in: folder) == 0
        else { throw Trouble("the suite is not built: run `swift build --build-tests` first") }
        // What the second kind of program consists of lies beside it.
        let parts = "cp \(products.path)/ConformanceTests.so bin/"
        if suite != suites[0] { _ = Tool.status("sh", ["-c", parts], in: folder) }
        let name = "ConformanceTests." + file.replacing(".swift", with: "")
        let test = filter.split(separator: "/").dropFirst().map { "/\($0)" }.joined()
        return "bin/\(suite) \(name)\(test)"
    }
}
