// How long a learner waits for the compiler and the checks. SPDX-License-Identifier: Apache-2.0

import Foundation

extension Bench {
    /// Builds and checks a copy of the workbook, from nothing and after an edit.
    func learnerLoop() -> Experiment {
        let measured = Case(group: "a copy of the workbook", name: "debug build") {
            let copy = FileManager.default.temporaryDirectory
                .appendingPathComponent("bench-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: copy) }
            try copyWorkbook(to: copy)
            try Command.run(["swift", "package", "resolve"], in: copy)
            let steps: [(name: String, command: [String], edits: Bool)] = [
                ("clean build s", ["swift", "build"], false),
                ("stage 3 edited, build s", ["swift", "build"], true),
                ("build of the checks s", ["swift", "build", "--build-tests"], false),
                ("stage 3 edited, its checks s", ["swift", "test", "--filter", "Stage3"], true),
                ("the whole suite s", ["swift", "test"], false),
            ]
            return try steps.enumerated().map { number, step in
                if step.edits { try edit(copy.appendingPathComponent("Stage3-Async"), number) }
                let start = Clock.now
                try Command.run(step.command, in: copy)
                return (Metric(name: step.name), Clock.seconds(since: start))
            }
        }
        return Experiment(
            name: "learner", question: "How long does a learner wait?", runsOnce: true,
            cases: [measured])
    }

    /// Copies what git would, but for the history and for packages that a learner never builds.
    private func copyWorkbook(to copy: URL) throws {
        let manager = FileManager.default
        for folder in ["", "Tests"] {
            let source = root.appendingPathComponent(folder)
            let target = copy.appendingPathComponent(folder)
            try manager.createDirectory(at: target, withIntermediateDirectories: true)
            for name in try manager.contentsOfDirectory(atPath: source.path) {
                let isOurs = [".git", "Tests", "Benchmarks", "Workbook"].contains(name)
                guard !isOurs, !name.hasPrefix(".build") else { continue }
                try manager.copyItem(
                    at: source.appendingPathComponent(name),
                    to: target.appendingPathComponent(name))
            }
        }
    }

    /// Adds a declaration to a stage, so that it has to be compiled and linked.
    private func edit(_ stage: URL, _ number: Int) throws {
        let file = stage.appendingPathComponent("main.swift")
        let text = try String(contentsOf: file, encoding: .utf8)
        let edited = text + "\n/// Nothing.\nfunc edit\(number)() {}\n"
        try edited.write(to: file, atomically: true, encoding: .utf8)
    }
}
