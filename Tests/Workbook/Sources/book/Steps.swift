// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file in sections: its beginning, and its declarations of the outermost level, each with the
/// comment above it.
struct Sections {
    /// What stands before the first declaration: the header, imports, statements.
    static let beginning = "beginning"

    /// What the sections are called, in order: `beginning`, `func run`, `struct Listener`.
    private(set) var names: [String] = []
    /// Their lines, without the empty ones at the end.
    private(set) var lines: [String: [String]] = [:]

    /// Cuts a file.
    init(_ file: [String]) throws(Trouble) {
        var (name, start) = (Self.beginning, 0)
        for index in file.indices {
            guard let next = Self.name(of: file[index]) else { continue }
            var first = index
            while first > start, file[first - 1].hasPrefix("//") { first -= 1 }
            try add(name, file[start..<first])
            (name, start) = (next, first)
        }
        try add(name, file[start...])
    }

    /// Notes a section.
    private mutating func add(_ name: String, _ section: ArraySlice<String>) throws(Trouble) {
        guard lines[name] == nil else { throw Trouble("two sections are called \(name)") }
        names.append(name)
        lines[name] = Array(section.reversed().drop { $0.isEmpty }.reversed())
    }

    /// What a line declares on the outermost level; nil if it declares nothing there.
    private static func name(of line: String) -> String? {
        let pattern =
            #"^(?:(?:private|fileprivate|final|indirect) )*"#
            + #"((?:func|struct|enum|class|actor|protocol|extension|typealias) \w+)"#
        guard let expression = try? NSRegularExpression(pattern: pattern),
            let match = expression.firstMatch(
                in: line, range: NSRange(line.startIndex..., in: line)),
            let range = Range(match.range(at: 1), in: line)
        else { return nil }
        return String(line[range])
    }
}

/// `step: FILE FILE: SECTION, SECTION`: a part of the way from one file to the other.
struct Step {
    /// Both files, as the mark names them.
    let files: String
    /// The sections whose changes it shows.
    let names: [String]

    /// Reads what a mark says.
    init(_ argument: String) throws(Trouble) {
        let parts = argument.components(separatedBy: ": ")
        guard parts.count == 2, parts[0].split(separator: " ").count == 2 else {
            throw Trouble("write: step: FILE FILE: SECTION, SECTION")
        }
        files = parts[0]
        names = parts[1].components(separatedBy: ", ")
    }
}

extension Sources {
    /// The sections of two files that a mark names.
    private func sections(of files: String) throws(Trouble) -> (old: Sections, new: Sections) {
        let paths = files.split(separator: " ").map(String.init)
        return (try Sections(lines(of: paths[0])), try Sections(lines(of: paths[1])))
    }

    /// What a step shows: for each of its sections its name, and what `diff` says of it.
    func step(_ argument: String) throws(Trouble) -> [String] {
        let step = try Step(argument)
        let (old, new) = try sections(of: step.files)
        var result: [String] = []
        for name in step.names {
            let (before, after) = (old.lines[name] ?? [], new.lines[name] ?? [])
            guard before != after else {
                throw Trouble("\(name) is the same in both, or in neither")
            }
            result += ["@@ \(name) @@"] + (try difference(from: before, to: after))
        }
        return result
    }

    /// The lines of `diff -U2`, without what counts them.
    private func difference(
        from before: [String], to after: [String]
    ) throws(Trouble) -> [String] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "step-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (name, lines) in [("before", before), ("after", after)] {
                let text = lines.map { $0 + "\n" }.joined()
                try text.write(
                    to: folder.appending(path: name), atomically: true, encoding: .utf8)
            }
        } catch {
            throw Trouble("\(error)")
        }
        guard let output = Tool.output("diff", ["-U2", "before", "after"], in: folder) else {
            throw Trouble("diff cannot be run")
        }
        let lines = output.components(separatedBy: "\n").dropFirst(3).dropLast()
        return lines.map { $0.hasPrefix("@@ ") ? "@@" : $0 }
    }

    /// Why the steps from one file to another don't add up to all that differs; nil if they do.
    func gap(in steps: [Step], between files: String) throws(Trouble) -> String? {
        let (old, new) = try sections(of: files)
        let common = { (sections: Sections, other: Sections) in
            sections.names.filter { other.lines[$0] != nil }
        }
        guard common(old, new) == common(new, old) else {
            return "a section has another place in the second file: no step can show that"
        }
        let shown = steps.flatMap(\.names)
        if let twice = shown.first(where: { name in shown.count { $0 == name } > 1 }) {
            return "two steps show \(twice)"
        }
        let all = old.names + new.names.filter { old.lines[$0] == nil }
        let missing = all.filter { old.lines[$0] != new.lines[$0] && !shown.contains($0) }
        return missing.isEmpty
            ? nil : "no step shows what changes in: " + missing.joined(separator: ", ")
    }
}

extension Page {
    /// Where the steps of the page don't make the second file out of the first.
    func stepProblems(from sources: Sources) throws(Problem) -> [Problem] {
        var steps: [String: [(step: Step, line: Int)]] = [:]
        for fence in try fences() {
            guard let mark = fence.directive, mark.keyword == "step" else { continue }
            // A mark that can't be read is a problem of its quote.
            guard let step = try? Step(mark.argument) else { continue }
            steps[step.files, default: []].append((step, mark.line))
        }
        var problems: [Problem] = []
        for (files, marks) in steps.sorted(by: { $0.key < $1.key }) {
            do throws(Trouble) {
                guard let gap = try sources.gap(in: marks.map(\.step), between: files) else {
                    continue
                }
                problems.append(problem(at: marks[0].line, "\(files): \(gap)"))
            } catch {
                problems.append(problem(at: marks[0].line, error.message))
            }
        }
        return problems
    }

    /// The boxes of a terminal before which nothing says whose terminal it is.
    ///
    /// The word has to stand in the text since the heading, or the box, before.
    func terminalProblems() throws(Problem) -> [Problem] {
        var start = 0
        var problems: [Problem] = []
        for fence in try fences() {
            defer { start = fence.bodyRange.upperBound + 1 }
            guard fence.language == "console" else { continue }
            let heading = lines[start..<fence.opening].lastIndex { $0.hasPrefix("#") }
            let text = lines[(heading ?? start)..<fence.opening].filter { !$0.hasPrefix("<!--") }
            guard !text.contains(where: { $0.contains("terminal") || $0.contains("shell") }) else {
                continue
            }
            problems.append(
                problem(
                    at: fence.opening,
                    "the text before this box doesn't say whose terminal it is"))
        }
        return problems
    }
}
