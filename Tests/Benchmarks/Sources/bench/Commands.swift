// The benchmark's command line. SPDX-License-Identifier: Apache-2.0
//
//     swift run -c release --package-path Tests/Benchmarks bench measure

import ArgumentParser
import BenchKit
import Foundation

/// The root command.
@main
struct Main: AsyncParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures the workbook's stages beside their peers, on this machine.",
        subcommands: [Measure.self, List.self, Draw.self, Fill.self, Check.self, CostOf.self],
        defaultSubcommand: Measure.self)
}

/// `bench measure`: runs experiments.
struct Measure: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(abstract: "Runs experiments, or all of them.")

    /// The experiments.
    @Argument(help: "The experiments; all, if none is named (see `bench list`).")
    var names: [String] = []
    /// Whether only to see that everything works.
    @Flag(help: "Sees that everything works, in under a minute: its figures mean nothing.")
    var quick = false
    /// How often each measurement is repeated.
    @Option(help: "How often each measurement is repeated.")
    var rounds: Int?
    /// Seconds of a measurement.
    @Option(help: "Seconds of a measurement.")
    var seconds: Double?
    /// Threads of the load.
    @Option(help: "Threads of the load; one a core, if not given.")
    var loadThreads: Int?
    /// What the rows have to contain.
    @Option(help: "Only rows with this in their load and name, as '64 B x 50'.")
    var filter: String?
    /// Other servers.
    @Option(
        name: .customLong("server"),
        help: "Another server, beside those that echo: name='command PORT'. Repeatable.",
        transform: program)
    var servers: [Program] = []
    /// The folder of the stages' executables.
    @Option(help: "The folder of the stages' executables; built if not given.")
    var stagesDir: String?
    /// The folder of the peers' executables.
    @Option(help: "The folder of the peers' executables; built if not given.")
    var peersDir: String?
    /// The file for the results.
    @Option(help: "The file for the results, as JSON.")
    var output: String?
    /// Whether the file is kept but for what is measured now.
    @Flag(help: "Keeps what the file for the results has about other experiments.")
    var update = false

    /// Runs the command.
    func run() throws {
        // One client that is gone must not end us.
        signal(SIGPIPE, SIG_IGN)
        let sources = endOnSignal()
        defer { for source in sources { source.cancel() } }
        raiseDescriptorLimit()
        let root = try workbook()
        // `swift run` has built this program only.
        let package = root.appendingPathComponent("Tests/Benchmarks")
        let peers = try peersDir.map { URL(fileURLWithPath: $0) } ?? build(package)
        let stages = try stagesDir.map { URL(fileURLWithPath: $0) } ?? build(root)
        var bench = Bench(stages: stages, peers: peers, root: root)
        bench.others = servers
        if let loadThreads { bench.threads = loadThreads }
        bench.isQuick = quick
        bench.seconds = seconds ?? (quick ? 0.1 : 1.5)

        let file = output.map { URL(fileURLWithPath: $0) }
        let earlier = try update ? file.map(Report.init(from:)) : nil
        let known = bench.experiments
        if let name = names.first(where: { name in !known.contains { $0.name == name } }) {
            throw ValidationError("no experiment \(name); `bench list` names them")
        }
        // The learner's loop builds everything anew, for minutes: no part of a quick look.
        let selected = known.filter {
            names.isEmpty ? !(quick && $0.name == "learner") : names.contains($0.name)
        }.map { experiment in filter.map(experiment.filtered) ?? experiment }
        do {
            let failures = try bench.run(
                selected, rounds: rounds ?? (quick ? 1 : 5), progress: showProgress
            ) {
                report in
                if let finding = report.findings.last { print(finding.table) }
                if let file { try (earlier?.updated(with: report) ?? report).write(to: file) }
            }
            if failures > 0 { throw Failed(count: failures) }
        } catch is Interruption {
            FileHandle.standardError.write(Data("\nstopped; every server has been ended\n".utf8))
            throw ExitCode(130)
        }
    }

    /// Builds all of a package; returns the folder of its executables.
    private func build(_ package: URL) throws -> URL {
        let command = ["swift", "build", "-c", "release", "--package-path", package.path]
        try Command.run(command, showsOutput: true)
        let path = try Command.run(command + ["--show-bin-path"])
        return URL(fileURLWithPath: path.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// `bench list`: names the experiments.
struct List: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(abstract: "Names the experiments.")

    /// Runs the command.
    func run() throws {
        let here = URL(fileURLWithPath: ".")
        for experiment in Bench(stages: here, peers: here, root: here).experiments {
            let name = experiment.name.padding(toLength: 14, withPad: " ", startingAt: 0)
            print("\(name)\(experiment.question)")
        }
    }
}

/// `bench draw`: draws results.
struct Draw: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        abstract: "Draws results as SVG with matplotlib, in a venv.")

    /// The results.
    @Argument(help: "The results, as JSON.")
    var results: String
    /// The folder for the pictures.
    @Argument(help: "The folder for the pictures.")
    var pictures: String

    /// Runs the command.
    func run() throws {
        let package = try workbook().appendingPathComponent("Tests/Benchmarks")
        let venv = package.appendingPathComponent(".build/venv").path
        let python = venv + "/bin/python"
        if !FileManager.default.isExecutableFile(atPath: python) {
            try Command.run(["python3", "-m", "venv", venv], showsOutput: true)
        }
        let requirements = package.appendingPathComponent("requirements.txt").path
        try Command.run(
            [python, "-m", "pip", "install", "--quiet", "-r", requirements], showsOutput: true)
        let script = package.appendingPathComponent("draw.py").path
        let file = URL(fileURLWithPath: results)
        // The campaign's samples, a list, have no verdicts.
        if try JSONSerialization.jsonObject(with: Data(contentsOf: file)) is [Any] {
            try Command.run([python, script, results, pictures], showsOutput: true)
            return
        }
        let report = try Report(from: file)
        let verdicts = FileManager.default.temporaryDirectory
            .appendingPathComponent("verdicts-\(UUID().uuidString).json")
        try JSONEncoder().encode(Verdict.all.compactMap { $0.line(in: report) }).write(to: verdicts)
        defer { try? FileManager.default.removeItem(at: verdicts) }
        try Command.run([python, script, results, pictures, verdicts.path], showsOutput: true)
    }
}

/// `bench fill`: puts results into the chapter.
struct Fill: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        abstract: "Makes a page's tables anew from results.")

    /// The results.
    @Argument(help: "The results, as JSON.")
    var results: String
    /// The page.
    @Argument(help: "The page, Markdown with marked places (Chapter.swift).")
    var page: String

    /// Runs the command.
    func run() throws {
        let chapter = Chapter(try Report(from: URL(fileURLWithPath: results)))
        let filled = try chapter.filled(try String(contentsOfFile: page, encoding: .utf8))
        try filled.write(toFile: page, atomically: true, encoding: .utf8)
    }
}

/// `bench check`: compares the chapter with the results.
struct Check: ParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(
        abstract: "Fails if a page's tables or pictures are not those of the results.")

    /// The results.
    @Argument(help: "The results, as JSON.")
    var results: String
    /// The page.
    @Argument(help: "The page.")
    var page: String

    /// Runs the command.
    func run() throws {
        let chapter = Chapter(try Report(from: URL(fileURLWithPath: results)))
        let file = URL(fileURLWithPath: page)
        let problems = try chapter.problems(
            of: String(contentsOf: file, encoding: .utf8), in: file.deletingLastPathComponent())
        for problem in problems { print("\(page): \(problem)") }
        if !problems.isEmpty { throw ExitCode.failure }
    }
}

/// `bench cost`: what the experiment `tasks` starts, to measure a process that is empty.
struct CostOf: AsyncParsableCommand {
    /// What the help shows.
    static let configuration = CommandConfiguration(commandName: "cost", shouldDisplay: false)

    /// What to make: threads or tasks.
    @Argument var kind: String
    /// How many.
    @Argument var number: Int

    /// Runs the command.
    func run() async throws {
        let cost = try await kind == "tasks" ? Cost.tasks(number) : Cost.threads(number)
        print(String(decoding: try JSONEncoder().encode(cost), as: UTF8.self))
    }
}

/// Our own executable.
let executable = (Bundle.main.executableURL ?? URL(fileURLWithPath: "."))
    .resolvingSymlinksInPath()

/// The workbook's root folder: around our executable, or around the working directory.
func workbook() throws -> URL {
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    for start in [here, executable] {
        var folder = start
        while folder.path != "/" {
            let stage = folder.appendingPathComponent("Stage1-Sync/main.swift").path
            if FileManager.default.fileExists(atPath: stage) { return folder }
            folder.deleteLastPathComponent()
        }
    }
    throw ValidationError("run it inside the workbook's folder")
}

/// Reads a server from the command line.
@Sendable func program(_ text: String) throws -> Program {
    guard let program = Program(text) else {
        throw ValidationError("not a server: \(text); expected name='command PORT'")
    }
    return program
}

/// Stops at Ctrl-C, and at what ends a job elsewhere.
func endOnSignal() -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { Interruption.request() }
        source.resume()
        return source
    }
}

/// Shows what comes next: on one line of a terminal, or on a line of its own elsewhere.
func showProgress(_ text: String) {
    let line = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K\(text)" : "\(text)\n"
    FileHandle.standardError.write(Data(line.utf8))
}

/// A run that could not measure everything: exit status 1.
struct Failed: Error, CustomStringConvertible {
    /// How many rows have no figures.
    let count: Int

    /// The number, in words.
    var description: String { "\(count) rows could not be measured; the tables say why" }
}
