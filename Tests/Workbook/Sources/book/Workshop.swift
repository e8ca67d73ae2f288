// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a scene plays: a copy of the workbook, in which a page may edit, with its built programs.
///
/// `swift run Stage1-Sync` stands for `.build/debug/Stage1-Sync`, on a port that is free; a stage
/// that the scene has edited is compiled anew.
final class Workshop {
    /// The workbook itself.
    private let root: URL
    /// The copy.
    let folder: URL
    /// The stages whose sources the scene has changed.
    private var edited: Set<String> = []

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
            for start in ["swift run ", ".build/debug/"] where command.contains(start + stage) {
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
        let built = root.appending(path: ".build/debug/\(stage)")
        let files = FileManager.default
        guard !files.fileExists(atPath: program.path) || edited.contains(stage) else { return }
        guard edited.contains(stage) else {
            guard files.fileExists(atPath: built.path) else {
                throw Trouble("\(stage) is not built: run `swift build --build-tests` first")
            }
            try? files.copyItem(at: built.resolvingSymlinksInPath(), to: program)
            return
        }
        let sources =
            (try? files.contentsOfDirectory(atPath: folder.appending(path: stage).path)) ?? []
        let list = sources.filter { $0.hasSuffix(".swift") }.map { "'\(stage)/\($0)'" }
        let module = stage.replacing("-", with: "_")
        // The objects of the libraries are there, from the build of the stage as it was.
        let line = """
            debug=.build/debug
            maps="-Xcc -I.build/checkouts/swift-atomics/Sources/_AtomicsShims/include"
            for map in $debug/CNIO*.build/module.modulemap .build/checkouts/*/Sources/*/include/module.modulemap
            do
                case $map in *CSystem*|*\\**) ;; *) maps="$maps -Xcc -fmodule-map-file=$map" ;; esac
            done
            grep -v "/\(module).build/" $debug/\(stage).product/Objects.LinkFileList >bin/objects
            swiftc -swift-version 6 -module-name \(module) \(list.joined(separator: " ")) \
            -I $debug/Modules $maps @bin/objects -o bin/\(stage) >bin/errors 2>&1
            """
        guard Tool.status("sh", ["-c", line], in: folder) == 0 else {
            let errors = try? String(
                contentsOf: folder.appending(path: "bin/errors"), encoding: .utf8)
            throw Trouble("\(stage) does not compile as edited:\n\(errors ?? "")")
        }
    }

    /// The command for `swift test --filter StageN`, with the stages that the scene has edited.
    private func tests(of filter: String) throws(Trouble) -> String {
        let classes = "Tests/ConformanceTests/Stages"
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + classes))
            ?? []
        guard let file = names.first(where: { $0.hasPrefix(filter.prefix(6)) }) else {
            throw Trouble("no tests are called \(filter)")
        }
        // The suite looks for the programs beside itself: among those of the scene, it finds the
        // edited ones, and says of them what a reader would see who has edited in place.
        let suite = "bin/tcp-workbookPackageTests.xctest"
        for stage in stages { try provide(stage) }
        if !FileManager.default.fileExists(atPath: folder.appending(path: suite).path) {
            let built = ".build/debug/tcp-workbookPackageTests.xctest"
            guard Tool.status("cp", [built, suite], in: folder) == 0 else {
                throw Trouble("the suite is not built: run `swift build --build-tests` first")
            }
        }
        let name = "ConformanceTests." + file.replacing(".swift", with: "")
        let test = filter.split(separator: "/").dropFirst().map { "/\($0)" }.joined()
        return "\(suite) \(name)\(test)"
    }
}
