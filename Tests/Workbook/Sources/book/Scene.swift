// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The fences of a page that belong together, played from the first to the last.
struct Scene {
    /// What a fence asks for.
    enum Part {
        /// A terminal is used.
        case transcript(Transcript)
        /// A file is changed as the fence shows.
        case edit(file: String, diff: [String], opening: Int)
    }

    /// What the page calls it.
    let name: String
    /// Its fences, in the order of the page.
    var parts: [Part] = []

    /// Why this machine cannot play it; nil if it can.
    var obstacle: String? {
        #if !os(Linux)
            if !parts.isEmpty { return "the transcripts are those of Linux" }
        #endif
        for case .transcript(let transcript) in parts {
            for command in transcript.commands {
                if let reason = Tool.missing(for: command) { return reason }
            }
        }
        return nil
    }
}

extension Page {
    /// The scenes of the page.
    func scenes() throws(Problem) -> [Scene] {
        var scenes: [Scene] = []
        for fence in try fences() {
            guard let directive = fence.directive else { continue }
            let part: Scene.Part
            let name: String
            do throws(Trouble) {
                switch directive.keyword {
                case "run":
                    let transcript = try Transcript(fence, argument: directive.argument)
                    (part, name) = (.transcript(transcript), transcript.scene)
                case "edit":
                    let words = directive.argument.split(separator: " ").map(String.init)
                    guard words.count == 2 else { throw Trouble("write: edit: SCENE FILE") }
                    part = .edit(file: words[1], diff: fence.body, opening: fence.opening)
                    name = words[0]
                default: continue
                }
            } catch {
                throw problem(at: directive.line, error.message)
            }
            if let index = scenes.firstIndex(where: { $0.name == name }) {
                scenes[index].parts.append(part)
            } else {
                scenes.append(Scene(name: name, parts: [part]))
            }
        }
        return scenes
    }
}

/// A scene being played.
final class Player {
    /// The page, for the place of what goes wrong.
    private let page: Page
    /// The folder in which everything is typed.
    private let workshop: Workshop
    /// What stands for the page's ports and numbers.
    private var names: Names
    /// The terminals, by name.
    private var terminals: [String: Terminal] = [:]

    /// Creates the player of one scene.
    private init(page: Page, workshop: Workshop, ports: [String: String]) {
        self.page = page
        self.workshop = workshop
        names = Names(ports: ports)
    }

    /// Plays a scene, and ends everything that it has started.
    static func play(_ scene: Scene, of page: Page, root: URL) -> Problem? {
        do {
            let workshop = try Workshop(root: root)
            defer { workshop.remove() }
            let player = Player(page: page, workshop: workshop, ports: try freePorts())
            defer { for terminal in player.terminals.values { terminal.end() } }
            try player.play(scene)
            return nil
        } catch let problem as Problem {
            return problem
        } catch {
            let message = (error as? Trouble)?.message ?? "\(error)"
            return Problem(page: page.path, line: 1, message: "scene \(scene.name): \(message)")
        }
    }

    /// Free ports, as long as those on the page: then lengths in a trace are the same too.
    private static func freePorts() throws(Trouble) -> [String: String] {
        var ports: [String: String] = [:]
        for name in ["8080", "9000"] {
            let candidates = (8100...9899).shuffled().lazy.filter { port in
                port != 9000 && !ports.values.contains("\(port)") && isFree(UInt16(port))
            }
            guard let port = candidates.first else { throw Trouble("no free port") }
            ports[name] = "\(port)"
        }
        return ports
    }

    /// Whether nobody has bound the port on 127.0.0.1.
    private static func isFree(_ port: UInt16) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Plays all fences, then what was put off, then looks at what nobody expected.
    private func play(_ scene: Scene) throws {
        var later: [(Transcript, Range<Int>)] = []
        for part in scene.parts {
            switch part {
            case .edit(let file, let diff, let opening):
                do { try workshop.edit(file, as: diff) } catch {
                    throw page.problem(at: opening, error.message)
                }
            case .transcript(let transcript):
                names.varying.formUnion(transcript.varying)
                if let stage = transcript.server, terminals[stage] == nil {
                    try start(stage, transcript)
                }
                let now = min(transcript.first ?? .max, transcript.steps.count)
                if transcript.isRepeated {
                    try playRepeatedly(transcript)
                } else {
                    try play(transcript, steps: 0..<now)
                }
                if now < transcript.steps.count {
                    later.append((transcript, now..<transcript.steps.count))
                }
            }
        }
        for (transcript, steps) in later { try play(transcript, steps: steps) }
        try expectNothingMore(scene)
    }

    /// Plays commands until they show what the page shows: the kernel's tables take a moment.
    private func playRepeatedly(_ transcript: Transcript) throws {
        let deadline = Date(timeIntervalSinceNow: transcript.patience)
        while true {
            let before = names
            do {
                try play(transcript, steps: transcript.steps.indices)
                let terminal = try terminal(transcript)
                try wait(for: "the prompt", terminal, transcript, transcript.steps.count - 1) {
                    terminal.hasLine || terminal.unfinished == "$ "
                }
                guard terminal.hasLine, case .skip? = transcript.steps.last else {
                    if !terminal.hasLine { return }
                    throw failure(
                        transcript, transcript.steps.count - 1, "there is more:",
                        shown: terminal.nextLine() ?? "")
                }
                return
            } catch {
                guard Date() < deadline else { throw error }
                names = before
                let terminal = try terminal(transcript)
                try wait(for: "the prompt", terminal, transcript, 0) {
                    while terminal.nextLine() != nil {}
                    return terminal.unfinished == "$ "
                }
                usleep(100_000)
            }
        }
    }

    /// Plays some steps of a fence.
    private func play(_ transcript: Transcript, steps: Range<Int>) throws {
        let terminal = try terminal(transcript)
        var skips = false
        for index in steps {
            switch transcript.steps[index] {
            case .skip: skips = true
            case .expect(let line):
                try expect(line, skips: skips, terminal, transcript, index)
                skips = false
            case .command(let command):
                try expectPrompt(skips: skips, terminal, transcript, index)
                skips = false
                let line: String
                do { line = try workshop.translated(command, names: names) } catch {
                    throw page.problem(at: transcript.opening + 1 + index, error.message)
                }
                try type(line + "\n", echo: line + "\n", terminal, transcript, index)
            case .type(let text):
                let line = names.translated(text)
                try type(line + "\n", echo: line + "\n", terminal, transcript, index)
            case .key(let key, let rest):
                // Pressed before the program runs, it would be meant for the shell.
                try wait(for: "a program to press it for", terminal, transcript, index) {
                    terminal.isBusy
                }
                let echo = [3: "^C", 26: "^Z"][key]
                try type(
                    String(UnicodeScalar(key)), echo: echo ?? "", terminal, transcript, index)
                if echo != nil {
                    try wait(for: "a line end", terminal, transcript, index) { terminal.hasLine }
                    if rest.isEmpty { _ = terminal.take("\n") }
                }
                if !rest.isEmpty {
                    try expect(rest, skips: false, terminal, transcript, index)
                }
            }
        }
        if transcript.isSilent {
            let end = Date(timeIntervalSinceNow: 0.5)
            while Date() < end { pumpAll() }
            if terminal.hasLine {
                throw failure(
                    transcript, steps.upperBound - 1,
                    "the page shows nothing more, but here comes:",
                    shown: terminal.nextLine() ?? "")
            }
        }
    }

    /// Starts a stage in a terminal that the page does not show.
    private func start(_ stage: String, _ transcript: Transcript) throws {
        let hidden = try Transcript(
            Fence(
                directive: nil, language: "console", opening: transcript.opening, indentation: "",
                body: ["$ swift run \(stage)", "Listening on 127.0.0.1:8080", "..."]),
            argument: "\(transcript.scene)/\(stage)")
        try play(hidden, steps: hidden.steps.indices)
    }

    /// The terminal of a fence; a new shell if it is its first.
    private func terminal(_ transcript: Transcript) throws -> Terminal {
        if let terminal = terminals[transcript.terminal] { return terminal }
        var environment = ProcessInfo.processInfo.environment
        environment["PS1"] = "$ "
        environment["PS2"] = "> "
        environment["TERM"] = "dumb"
        environment["LC_ALL"] = "C.UTF-8"
        environment["ENV"] = nil
        let terminal = try Terminal(
            name: transcript.terminal, folder: workshop.folder, environment: environment)
        terminals[transcript.terminal] = terminal
        return terminal
    }

    /// Types, and sees it echoed.
    private func type(
        _ text: String, echo: String, _ terminal: Terminal, _ transcript: Transcript, _ index: Int
    ) throws {
        terminal.type(text)
        try wait(for: "the echo of what was typed", terminal, transcript, index) {
            terminal.take(echo)
        }
    }

    /// Waits for the shell's prompt, and takes it.
    private func expectPrompt(
        skips: Bool, _ terminal: Terminal, _ transcript: Transcript, _ index: Int
    ) throws {
        try wait(for: "the prompt", terminal, transcript, index) {
            while terminal.hasLine {
                guard let line = terminal.nextLine(), !skips else { continue }
                // A blank line is what a shell makes of an interrupted command.
                if line.isEmpty { continue }
                throw failure(transcript, index, "the page shows the prompt, but:", shown: line)
            }
            return terminal.take("$ ")
        }
    }

    /// Waits for a line.
    private func expect(
        _ line: String, skips: Bool, _ terminal: Terminal, _ transcript: Transcript, _ index: Int
    ) throws {
        // Only the package manager says so, and the built program runs without it.
        if line.hasPrefix("Build of product '") || line.hasPrefix("Building for debugging") {
            return
        }
        var partial = (text: "", since: Date())
        try wait(for: "`\(line)`", terminal, transcript, index) {
            while let actual = terminal.nextLine() {
                if names.match(actual, with: line) { return true }
                if !skips {
                    throw failure(transcript, index, "the page and the run differ:", shown: actual)
                }
            }
            let rest = terminal.unfinished
            // What a call prints before it blocks: the line goes on in the terminal's next fence.
            if rest != partial.text { partial = (rest, Date()) }
            // The shell prompts again: the command has ended without this line.
            let patience = transcript.isRepeated ? 0 : 1.0
            if rest == "$ ", Date().timeIntervalSince(partial.since) >= patience {
                throw failure(transcript, index, "the run ends before this line:", shown: rest)
            }
            guard index == transcript.steps.count - 1 else { return false }
            return Date().timeIntervalSince(partial.since) > 0.3 && names.match(rest, with: line)
        }
    }

    /// Waits until something is so; meanwhile no other terminal has to wait to be read.
    private func wait(
        for what: String, _ terminal: Terminal, _ transcript: Transcript, _ index: Int,
        _ isSo: () throws -> Bool
    ) throws {
        let deadline = Date(timeIntervalSinceNow: transcript.patience)
        while true {
            if try isSo() { return }
            guard Date() < deadline else {
                throw failure(
                    transcript, index,
                    "no sign of \(what) within \(Int(transcript.patience)) s; shown:",
                    shown: terminal.unfinished)
            }
            pumpAll(first: terminal)
        }
    }

    /// Reads what all terminals show.
    private func pumpAll(first: Terminal? = nil) {
        first?.pump(0.02)
        for terminal in terminals.values where terminal !== first {
            terminal.pump(first == nil ? 0.01 : 0)
        }
    }

    /// Fails if a terminal shows more than the page does.
    private func expectNothingMore(_ scene: Scene) throws {
        let end = Date(timeIntervalSinceNow: 0.3)
        while Date() < end { pumpAll() }
        for case .transcript(let transcript) in scene.parts.reversed() {
            guard let terminal = terminals[transcript.terminal] else { continue }
            if case .skip? = transcript.steps.last { continue }
            if transcript.isOpen { continue }
            if transcript.first != nil || transcript.opening < lastOpening(transcript, scene) {
                continue
            }
            while let line = terminal.nextLine() {
                if line.isEmpty { continue }
                throw failure(
                    transcript, transcript.steps.count - 1, "the page ends here, the run goes on:",
                    shown: line)
            }
        }
    }

    /// Where the last fence of the same terminal begins.
    private func lastOpening(_ transcript: Transcript, _ scene: Scene) -> Int {
        var last = 0
        for case .transcript(let other) in scene.parts where other.terminal == transcript.terminal {
            last = max(last, other.opening)
        }
        return last
    }

    /// A problem that shows the page's line, the run's, and what led there.
    private func failure(
        _ transcript: Transcript, _ index: Int, _ message: String, shown actual: String
    ) -> Problem {
        let line = transcript.opening + 1 + max(index, 0)
        let before = (terminals[transcript.terminal]?.shown ?? []).suffix(6).map { "    \($0)" }
        return page.problem(
            at: line,
            """
            terminal \(transcript.terminal) of scene \(transcript.scene): \(message)
              the page: \(page.lines[line])
              the run:  \(actual)
              shown last:
            \(before.joined(separator: "\n"))
            """)
    }
}
