// The checks of the book: what README and chapters show is what the tools show now.
// SPDX-License-Identifier: Apache-2.0
//
//     swift run --package-path Tests/Workbook book check     fails if anything on a page is not so
//     swift run --package-path Tests/Workbook book update    takes quotes and diffs over again

import Foundation

/// The command line.
@main
struct Book {
    /// What is asked for.
    enum Action: String {
        /// Compare everything.
        case check
        /// Take over what is generated.
        case update
    }

    /// What to do.
    var action: Action
    /// The folder that holds the stages.
    var root: URL
    /// Only the pages whose path contains this.
    var only = ""
    /// Whether a transcript that this machine cannot play is a failure.
    var isStrict = false

    /// How the command is used.
    static let usage = """
        usage: book check [--strict] [--only PAGE] [--root FOLDER]
               book update [--only PAGE] [--root FOLDER]
        """

    /// Runs the command, and ends with status 0 if all is well.
    static func main() {
        // Writing to a shell that has gone must not end the checker.
        signal(SIGPIPE, SIG_IGN)
        guard let book = Book(CommandLine.arguments.dropFirst()) else {
            print(usage)
            exit(64)
        }
        do {
            exit(try book.run() ? 0 : 1)
        } catch {
            print(error)
            exit(1)
        }
    }

    /// Reads the command line; nil if it makes no sense.
    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        guard let word = rest.popFirst(), let action = Action(rawValue: word) else { return nil }
        self.action = action
        var folder: URL?
        while let option = rest.popFirst() {
            switch option {
            case "--strict": isStrict = true
            case "--only":
                guard let value = rest.popFirst() else { return nil }
                only = value
            case "--root":
                guard let value = rest.popFirst() else { return nil }
                folder = URL(filePath: value)
            default: return nil
            }
        }
        root = folder ?? Self.root(above: URL(filePath: FileManager.default.currentDirectoryPath))
    }

    /// The nearest folder, from here upwards, that holds the stages.
    private static func root(above folder: URL) -> URL {
        var folder = folder
        while folder.path != "/" {
            let stage = folder.appending(path: "Stage1-Sync").path
            if FileManager.default.fileExists(atPath: stage) { return folder }
            folder.deleteLastPathComponent()
        }
        return URL(filePath: FileManager.default.currentDirectoryPath)
    }

    /// The pages that are checked whole: README and everything in `docs`.
    func pages() throws -> [Page] {
        try read(["README.md"] + names(in: "docs"))
    }

    /// The pages of which only the links are: what they show needs a solution in place, or a network.
    func otherPages() throws -> [Page] {
        let files = FileManager.default
        let packages = (try? files.contentsOfDirectory(atPath: root.appending(path: "Tests").path))
            .map { $0.sorted().map { "Tests/\($0)/README.md" } }
        return try read(["CONTRIBUTING.md"] + names(in: "docs/exercises") + (packages ?? []))
    }

    /// The paths of a folder's files, relative to the root; none if there is no such folder.
    private func names(in folder: String) -> [String] {
        let path = root.appending(path: folder).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
            .map { "\(folder)/\($0)" }
    }

    /// Reads those of the files that are pages, are there, and are asked for.
    private func read(_ paths: [String]) throws -> [Page] {
        try paths.filter { path in
            path.hasSuffix(".md") && (only.isEmpty || path.contains(only))
                && FileManager.default.fileExists(atPath: root.appending(path: path).path)
        }.map {
            Page(path: $0, text: try String(contentsOf: root.appending(path: $0), encoding: .utf8))
        }
    }

    /// Does what is asked for, and says what came of it; returns whether all is well.
    func run() throws -> Bool {
        let sources = Sources(root: root)
        if action == .update {
            for page in try pages() {
                let updated = try page.updated(from: sources)
                guard updated.lines != page.lines else { continue }
                let file = root.appending(path: page.path)
                try updated.text.write(to: file, atomically: true, encoding: .utf8)
                print("\(page.path): updated")
            }
            return true
        }
        var (problems, skipped) = (0, 0)
        for page in try pages() {
            var result = check(page, sources)
            result.problems += (try? page.terminalProblems()) ?? []
            for problem in result.problems { print(problem, terminator: "\n\n") }
            for note in result.skipped { print("\(page.path): skipped: \(note)") }
            problems += result.problems.count
            skipped += result.skipped.count
        }
        for page in try otherPages() {
            let found = linkProblems(of: page)
            for problem in found { print(problem, terminator: "\n\n") }
            problems += found.count
        }
        print("problems: \(problems), transcripts skipped: \(skipped)")
        return isWell(problems: problems, skipped: skipped)
    }

    /// Whether so many problems, and transcripts that could not be played, are all right.
    func isWell(problems: Int, skipped: Int) -> Bool {
        problems == 0 && (skipped == 0 || !isStrict)
    }

    /// What is wrong with the links of one page.
    func linkProblems(of page: Page) -> [Problem] {
        do throws(Problem) {
            return try Links(root: root).problems(of: page)
        } catch {
            return [error]
        }
    }

    /// What is wrong on one page, and what could not be tried.
    func check(_ page: Page, _ sources: Sources) -> (problems: [Problem], skipped: [String]) {
        var problems: [Problem] = []
        var skipped: [String] = []
        do throws(Problem) {
            problems += try page.markingProblems()
            problems += try page.quoteProblems(from: sources)
            problems += try page.stepProblems(from: sources)
            problems += try Links(root: root).problems(of: page)
            for scene in try page.scenes() {
                if let obstacle = scene.obstacle {
                    skipped.append("scene \(scene.name): \(obstacle)")
                } else if let problem = Player.play(scene, of: page, root: root) {
                    problems.append(problem)
                }
            }
        } catch {
            problems.append(error)
        }
        return (problems, skipped)
    }
}
