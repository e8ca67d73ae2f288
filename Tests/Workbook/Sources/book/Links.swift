// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The links of a page: the files and anchors that they lead to have to be there.
struct Links {
    /// The folder that holds the pages.
    let root: URL

    /// What is wrong with the links and pictures of a page.
    func problems(of page: Page) throws(Problem) -> [Problem] {
        var problems: [Problem] = []
        for (index, line) in try page.prose() {
            for picture in Self.matches(#"!\[([^\]]*)\]\("#, in: line) + Self.alternatives(in: line)
            where picture.trimmingCharacters(in: .whitespaces).isEmpty {
                problems.append(page.problem(at: index, "a picture without a text alternative"))
            }
            for target in Self.targets(in: line) {
                if let message = trouble(with: target, on: page) {
                    problems.append(page.problem(at: index, "\(target): \(message)"))
                }
            }
        }
        return problems
    }

    /// Where a line of Markdown leads to, whether written in Markdown or in HTML.
    private static func targets(in line: String) -> [String] {
        matches(#"\]\(([^)\s]+)[^)]*\)"#, in: line)
            + matches(#"(?:href|src|srcset)="([^"]*)""#, in: line)
            + matches(#"^\s*\[[^\]]+\]:\s+(\S+)"#, in: line)
            + matches(#"<(https?:[^>]*)>"#, in: line)
    }

    /// The text alternatives of HTML pictures; an empty one if there is none.
    private static func alternatives(in line: String) -> [String] {
        matches(#"(<img\b[^>]*>?)"#, in: line).map {
            matches(#"alt="([^"]*)""#, in: $0).first ?? ""
        }
    }

    /// The first groups of all matches.
    private static func matches(_ pattern: String, in line: String) -> [String] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
        let whole = NSRange(line.startIndex..., in: line)
        return expression.matches(in: line, range: whole).compactMap {
            Range($0.range(at: 1), in: line).map { String(line[$0]) }
        }
    }

    /// Why a link leads nowhere; nil if it leads somewhere, or outside, where nobody asks.
    private func trouble(with target: String, on page: Page) -> String? {
        if target.contains("://") || target.hasPrefix("mailto:") {
            let url = URL(string: target)
            let isSound =
                url?.scheme == "mailto"
                || ["http", "https"].contains(url?.scheme) && url?.host()?.contains(".") == true
            return isSound ? nil : "not an address"
        }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0]).removingPercentEncoding ?? String(parts[0])
        if path.hasPrefix("/") { return "does not start from this page" }
        let here = root.appending(path: page.path)
        let file = path.isEmpty ? here : here.deletingLastPathComponent().appending(path: path)
        guard FileManager.default.fileExists(atPath: file.path) else {
            return "there is no such file"
        }
        guard parts.count == 2 else { return nil }
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            return "only pages have anchors"
        }
        let anchors = Page(path: path, text: text).anchors
        return anchors.contains(String(parts[1])) ? nil : "there is no such heading"
    }
}

extension Page {
    /// The lines outside fences, without code in back-ticks, with their indices.
    func prose() throws(Problem) -> [(index: Int, line: String)] {
        var inside: Set<Int> = []
        for fence in try fences() {
            inside.formUnion(fence.opening...fence.bodyRange.upperBound)
        }
        return lines.indices.filter { !inside.contains($0) }.map { index in
            let parts = lines[index].components(separatedBy: "`")
            // Every other part stands between back-ticks.
            let kept = parts.enumerated().map { $0.offset.isMultiple(of: 2) ? $0.element : "" }
            return (index, kept.joined())
        }
    }

    /// The anchors that a repository page makes of the headings, and those that are written out.
    var anchors: Set<String> {
        guard let prose = try? prose() else { return [] }
        var anchors: Set<String> = []
        for (index, line) in prose {
            for name in line.components(separatedBy: "id=\"").dropFirst() {
                anchors.insert(String(name.prefix { $0 != "\"" }))
            }
            let level = line.prefix { $0 == "#" }.count
            guard (1...6).contains(level), line.dropFirst(level).hasPrefix(" ") else { continue }
            let slug = Self.slug(of: lines[index].dropFirst(level + 1))
            let twins = (1...).lazy.map { "\(slug)-\($0)" }
            let free = twins.first { !anchors.contains($0) }
            anchors.insert(anchors.contains(slug) ? free ?? slug : slug)
        }
        return anchors
    }

    /// What a heading is called in a link: lower case, hyphens for blanks, no punctuation.
    private static func slug(of heading: Substring) -> String {
        let text = heading.trimmingCharacters(in: .whitespaces).lowercased()
        return String(
            text.compactMap { character -> Character? in
                if character == " " { return "-" }
                let stays = character.isLetter || character.isNumber || "-_".contains(character)
                return stays ? character : nil
            })
    }
}
