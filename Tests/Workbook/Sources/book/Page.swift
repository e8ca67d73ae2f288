// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something on a page that is not so.
struct Problem: Error, Equatable, CustomStringConvertible {
    /// The page, relative to the root.
    let page: String
    /// The line, the first is 1.
    let line: Int
    /// What is wrong, and what was found instead.
    let message: String

    /// The problem as compilers print theirs, so that editors jump to it.
    var description: String { "\(page):\(line): \(message)" }
}

/// A page of Markdown, in lines.
struct Page {
    /// Where it stands, relative to the root.
    let path: String
    /// Its lines, without line ends.
    var lines: [String]

    /// Creates a page from its text.
    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
    }

    /// The whole text.
    var text: String { lines.joined(separator: "\n") }

    /// Makes a problem of a line, given by its index.
    func problem(at index: Int, _ message: String) -> Problem {
        Problem(page: path, line: index + 1, message: message)
    }
}

/// A fenced block of a page, and the comment that stands before it.
struct Fence {
    /// What a comment before a fence asks for: `<!-- keyword: argument -->`.
    struct Directive: Equatable {
        /// What is to be done with the fence.
        let keyword: String
        /// To which file, with which terminal, or why not.
        let argument: String
        /// Where it stands.
        let line: Int
    }

    /// The words that a comment may begin with to mean the fence behind it.
    static let keywords = ["quote", "diff", "step", "run", "edit", "not run", "not quoted"]

    /// The comment before the fence, if there is one.
    let directive: Directive?
    /// The first word behind the back-ticks.
    let language: String
    /// The index of the line with the opening back-ticks.
    let opening: Int
    /// What stands before the back-ticks: blanks, in a list.
    let indentation: String
    /// The lines between the back-ticks, without their indentation.
    let body: [String]

    /// The indices of the lines between the back-ticks.
    var bodyRange: Range<Int> { opening + 1..<opening + 1 + body.count }
}

extension Page {
    /// Finds all fences; throws what is wrong with a fence or its comment.
    func fences() throws(Problem) -> [Fence] {
        var found: [Fence] = []
        var pending: Fence.Directive?
        var index = 0
        while index < lines.count {
            let line = lines[index]
            let ticks = line.drop { $0 == " " }.prefix { $0 == "`" }
            if ticks.count >= 3 {
                let fence = try fence(from: index, ticks: String(ticks), directive: pending)
                found.append(fence)
                pending = nil
                index = fence.bodyRange.upperBound + 1
                continue
            }
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if let directive = directive(in: trimmed, at: index) {
                if let pending {
                    throw problem(at: pending.line, "no fence follows this comment")
                }
                pending = directive
            } else if !trimmed.isEmpty, let pending {
                throw problem(at: pending.line, "no fence follows this comment")
            }
            index += 1
        }
        if let pending { throw problem(at: pending.line, "no fence follows this comment") }
        return found
    }

    /// Reads the fence that begins at `index`.
    private func fence(
        from index: Int, ticks: String, directive: Fence.Directive?
    ) throws(Problem) -> Fence {
        let indentation = String(lines[index].prefix { $0 == " " })
        let info = lines[index].dropFirst(indentation.count + ticks.count)
        var body: [String] = []
        for line in lines[(index + 1)...] {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed.allSatisfy({ $0 == "`" }), trimmed.count >= ticks.count {
                return Fence(
                    directive: directive,
                    language: info.split(separator: " ").first.map(String.init) ?? "",
                    opening: index, indentation: indentation, body: body)
            }
            body.append(
                line.hasPrefix(indentation) ? String(line.dropFirst(indentation.count)) : line)
        }
        throw problem(at: index, "this fence is never closed")
    }

    /// Reads a comment that means the fence behind it; nil for any other line.
    private func directive(in line: String, at index: Int) -> Fence.Directive? {
        guard line.hasPrefix("<!-- "), line.hasSuffix(" -->") else { return nil }
        let inner = line.dropFirst(5).dropLast(4)
        guard let colon = inner.firstIndex(of: ":") else { return nil }
        let keyword = String(inner[..<colon])
        guard Fence.keywords.contains(keyword) else { return nil }
        let argument = inner[inner.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        return Fence.Directive(keyword: keyword, argument: argument, line: index)
    }

    /// What is wrong with the comments themselves: a fence that shows what can be compared has to
    /// say with what, or why not.
    func markingProblems() throws(Problem) -> [Problem] {
        let allowed = [
            "console": ["run", "not run"], "swift": ["quote", "not quoted"],
            "diff": ["diff", "step", "edit", "not quoted"],
        ]
        return try fences().compactMap { fence in
            let keyword = fence.directive?.keyword
            if let directive = fence.directive, directive.argument.count < 3 {
                return problem(at: directive.line, "`\(directive.keyword):` says too little")
            }
            let choice = allowed[fence.language] ?? Fence.keywords
            guard allowed[fence.language] != nil || keyword != nil else { return nil }
            if let keyword, choice.contains(keyword) { return nil }
            let comments = choice.map { "<!-- \($0): … -->" }.joined(separator: " or ")
            return problem(
                at: fence.opening, "a `\(fence.language)` fence needs \(comments) before it")
        }
    }
}
