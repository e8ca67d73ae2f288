// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why something cannot be quoted or compared; the page and line come later.
struct Trouble: Error, Equatable {
    /// The reason.
    let message: String

    /// Creates one.
    init(_ message: String) { self.message = message }
}

/// What quotes and diffs are made from: the files below the root.
struct Sources {
    /// The folder that holds the stages.
    let root: URL

    /// The lines of a file below the root, without the empty one behind the last line end.
    func lines(of path: String) throws(Trouble) -> [String] {
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
            throw Trouble("there is no file \(path)")
        }
        var lines = text.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// What `quote: FILE`, `quote: FILE: FIRST` or `quote: FILE: FIRST … LAST` stands for.
    ///
    /// FIRST is how one line of the file begins, blanks and modifiers aside. Comments right above it
    /// belong to it, and the quote goes on to the brace that closes what the line opens, or to the
    /// next line that contains LAST.
    func quote(_ argument: String) throws(Trouble) -> [String] {
        guard let colon = argument.firstRange(of: ": ") else { return try lines(of: argument) }
        let file = String(argument[..<colon.lowerBound])
        let parts = argument[colon.upperBound...].components(separatedBy: " … ")
        let lines = try lines(of: file)
        var hits = lines.indices.filter { Self.line(lines[$0], beginsWith: parts[0]) }
        // A line of the file's own level is meant rather than what stands inside another.
        let outer = hits.filter { !lines[$0].hasPrefix(" ") }
        if outer.count == 1 { hits = outer }
        guard let first = hits.first else {
            throw Trouble("no line of \(file) begins with: \(parts[0])")
        }
        guard hits.count == 1 else {
            throw Trouble("\(hits.count) lines of \(file) begin with: \(parts[0])")
        }
        let last = try Self.last(of: lines, from: first, until: parts.dropFirst().first)
        let isComment = { (line: String) in line.drop { $0 == " " }.hasPrefix("//") }
        var start = first
        while start > 0, isComment(lines[start - 1]), !isComment(lines[first]) { start -= 1 }
        return Self.dedented(Array(lines[start...last]))
    }

    /// The real `diff -u` of two files, with their names and without their times.
    func diff(_ argument: String) throws(Trouble) -> [String] {
        let files = argument.split(separator: " ").map(String.init)
        guard files.count == 2 else { throw Trouble("a diff names two files") }
        for file in files { _ = try lines(of: file) }
        let labels = files.flatMap { ["--label", $0] }
        guard let output = Tool.output("diff", ["-u"] + labels + files, in: root) else {
            throw Trouble("diff cannot be run")
        }
        var lines = output.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Whether the line, or what stands behind its modifiers, begins with `beginning`.
    private static func line(_ line: String, beginsWith beginning: String) -> Bool {
        var rest = line.drop { $0 == " " }
        while true {
            if rest.hasPrefix(beginning) { return true }
            let modifiers = ["private ", "static ", "final ", "mutating "]
            guard let modifier = modifiers.first(where: { rest.hasPrefix($0) }) else {
                return false
            }
            rest = rest.dropFirst(modifier.count)
        }
    }

    /// The index of the last line of a quote that begins at `first`.
    private static func last(
        of lines: [String], from first: Int, until end: String?
    ) throws(Trouble) -> Int {
        if let end {
            guard let last = lines[first...].firstIndex(where: { $0.contains(end) }) else {
                throw Trouble("no later line contains: \(end)")
            }
            return last
        }
        let opens = ["{", "(", "["].contains { lines[first].hasSuffix($0) }
        guard opens else { return first }
        let indentation = lines[first].prefix { $0 == " " }.count
        // A line that closes one thing and opens another (`} catch {`, `) -> Int {`) goes on.
        let last = lines[(first + 1)...].firstIndex { line in
            let depth = line.prefix { $0 == " " }.count
            return !line.isEmpty && depth <= indentation && !line.hasSuffix("{")
        }
        guard let last else { throw Trouble("what line \(first + 1) opens is never closed") }
        return last
    }

    /// The lines without the blanks that all of them begin with.
    private static func dedented(_ lines: [String]) -> [String] {
        let margin = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(margin)) }
    }
}

extension Page {
    /// What a fence has to hold, and where it comes from; nil if nothing generates it.
    private func wanted(
        _ fence: Fence, from sources: Sources
    ) throws(Problem) -> (lines: [String], origin: String)? {
        guard let directive = fence.directive else { return nil }
        do {
            switch directive.keyword {
            case "quote": return (try sources.quote(directive.argument), directive.argument)
            case "diff":
                return (try sources.diff(directive.argument), "diff -u \(directive.argument)")
            case "step": return (try sources.step(directive.argument), directive.argument)
            default: return nil
            }
        } catch {
            throw problem(at: directive.line, error.message)
        }
    }

    /// The quotes and diffs that are not what the sources say now.
    func quoteProblems(from sources: Sources) throws(Problem) -> [Problem] {
        var problems: [Problem] = []
        for fence in try fences() {
            do throws(Problem) {
                guard let wanted = try wanted(fence, from: sources) else { continue }
                guard wanted.lines != fence.body else { continue }
                problems.append(
                    problem(at: fence.opening, Self.report(wanted, instead: fence.body)))
            } catch {
                problems.append(error)
            }
        }
        return problems
    }

    /// The page with its quotes and diffs taken from the sources anew.
    func updated(from sources: Sources) throws(Problem) -> Page {
        var page = self
        // From the end, so that the indices before it stay right.
        for fence in try fences().reversed() {
            guard let wanted = try wanted(fence, from: sources) else { continue }
            let lines = wanted.lines.map { $0.isEmpty ? $0 : fence.indentation + $0 }
            page.lines.replaceSubrange(fence.bodyRange, with: lines)
        }
        return page
    }

    /// Says where the page and the source part, and shows both versions from there.
    private static func report(
        _ wanted: (lines: [String], origin: String), instead body: [String]
    ) -> String {
        let common = zip(wanted.lines, body).prefix { $0 == $1 }.count
        let shown = { (lines: [String]) in
            let part = lines.dropFirst(common).prefix(6)
            return part.isEmpty
                ? "    (ends here)" : part.map { "    \($0)" }.joined(separator: "\n")
        }
        return """
            this is not what the source says (`book update` takes it over): \(wanted.origin)
              the page, from its line \(common + 1):
            \(shown(body))
              the source:
            \(shown(wanted.lines))
            """
    }
}
