// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One fence that shows a terminal: what is typed into it, and what it shows.
///
/// Marked `<!-- run: SCENE/TERMINAL; option; option -->`. The fences of a scene run in the order of
/// the page; a terminal keeps what runs in it from one fence to the next.
struct Transcript: Equatable {
    /// One line of a transcript.
    enum Step: Equatable {
        /// `$ command`: typed once the shell prompts.
        case command(String)
        /// A line that is typed into the running program.
        case type(String)
        /// `^C`, `^Z` and `^D`: a key, and for the first two what the terminal shows behind it.
        case key(UInt8, rest: String)
        /// `...`: any number of lines.
        case skip
        /// What the terminal shows.
        case expect(String)
    }

    /// The terminals that belong together.
    let scene: String
    /// Which of them.
    let terminal: String
    /// Its steps; the indices of the lines they stand in follow from `opening`.
    let steps: [Step]
    /// The index of the opening back-ticks in the page.
    let opening: Int
    /// `vary: 4711 0.25`: numbers that are others in each run, each standing for one value a scene.
    var varying: [String] = []
    /// `silent`: nothing more is shown, for half a second after the last line.
    var isSilent = false
    /// `more`: what comes when the page has moved on is not shown.
    var isOpen = false
    /// `until`: the commands are repeated until they show this.
    var isRepeated = false
    /// `first: 2`: the other lines come when the scene ends.
    var first: Int?
    /// `with: Stage2-Threads`: that stage runs already, in a terminal that the page does not show.
    var server: String?
    /// `within: 60`: how many seconds a line may take to appear.
    var patience = 10.0

    /// The commands that it types.
    var commands: [String] {
        steps.compactMap { if case .command(let command) = $0 { command } else { nil } }
    }
}

extension Transcript {
    /// Reads a fence that is marked `run`.
    init(_ fence: Fence, argument: String) throws(Trouble) {
        var options = argument.components(separatedBy: "; ")
        let names = options.removeFirst().split(separator: "/").map(String.init)
        guard names.count == 2 else { throw Trouble("write: run: SCENE/TERMINAL") }
        scene = names[0]
        terminal = names[1]
        opening = fence.opening
        var typed: [String] = []
        for option in options {
            let parts = option.components(separatedBy: ": ")
            let value = parts.dropFirst().joined(separator: ": ")
            switch parts[0] {
            case "type" where !value.isEmpty: typed.append(value)
            case "vary" where !value.isEmpty:
                varying += value.split(separator: " ").map(String.init)
            case "with" where !value.isEmpty: server = value
            case "silent": isSilent = true
            case "more": isOpen = true
            case "until": isRepeated = true
            case "first" where Int(value) != nil: first = Int(value)
            case "within" where Double(value) != nil: patience = Double(value) ?? patience
            default: throw Trouble("no option of a transcript: \(option)")
            }
        }
        steps = fence.body.map { line in
            if line.hasPrefix("$ ") { return .command(String(line.dropFirst(2))) }
            if line == "..." { return .skip }
            if line.hasPrefix("^C") { return .key(3, rest: String(line.dropFirst(2))) }
            if line.hasPrefix("^Z") { return .key(26, rest: String(line.dropFirst(2))) }
            if line == "^D" { return .key(4, rest: "") }
            if line == typed.first { return .type(typed.removeFirst()) }
            return .expect(line)
        }
        guard typed.isEmpty else { throw Trouble("never typed: \(typed.joined(separator: ", "))") }
    }
}

/// What the page says and what a run shows: the same but for ports, numbers and the width of columns.
struct Names {
    /// The ports that the pages use, and the free ones that stand for them in this run.
    let ports: [String: String]
    /// The numbers that are others in each run.
    var varying: Set<String> = []
    /// What they are in this run.
    private(set) var values: [String: String] = [:]

    /// Creates the names of one scene.
    init(ports: [String: String]) { self.ports = ports }

    /// A line of the page with this run's ports, to be typed.
    func translated(_ line: String) -> String {
        Self.pieces(of: line).map { ports[$0] ?? values[$0] ?? $0 }.joined()
    }

    /// Whether a line of a run is what the page shows; if it is, remembers the numbers in it.
    mutating func match(_ actual: String, with expected: String) -> Bool {
        var names: [String] = []
        var pattern = "^"
        for piece in Self.pieces(of: Self.squeezed(expected)) {
            if let value = ports[piece] ?? values[piece] {
                pattern += NSRegularExpression.escapedPattern(for: value)
            } else if varying.contains(piece) || Self.isEphemeral(piece) {
                pattern += Self.shape(of: piece)
                names.append(piece)
            } else {
                let parts = piece.components(separatedBy: "…")
                pattern += parts.map(NSRegularExpression.escapedPattern).joined(separator: ".*?")
            }
        }
        let line = Self.squeezed(actual)
        guard let expression = try? NSRegularExpression(pattern: pattern + "$"),
            let match = expression.firstMatch(
                in: line, range: NSRange(line.startIndex..., in: line))
        else { return false }
        var found = values
        for (index, name) in names.enumerated() {
            guard let range = Range(match.range(at: index + 1), in: line) else { return false }
            let value = String(line[range])
            // One name, one value; and two ports are never the same.
            if let known = found[name], known != value { return false }
            let twin = found.contains { $0.value == value && $0.key != name }
            if twin, Self.isEphemeral(name) { return false }
            found[name] = value
        }
        values = found
        return true
    }

    /// Whether it is a number from which the system takes the ports of clients (Linux's range).
    private static func isEphemeral(_ piece: String) -> Bool {
        piece.utf8.count == 5 && (32_768...60_999).contains(Int(piece) ?? 0)
    }

    /// A pattern for everything that looks like a varying number.
    private static func shape(of piece: String) -> String {
        if piece.allSatisfy(\.isNumber) { return "([0-9]+)" }
        return piece.hasPrefix("0x") ? "(0x[0-9a-f]+)" : "([0-9]+(?:\\.[0-9]+)*)"
    }

    /// The line, cut into numbers (`8080`, `0x7ffe`, `0.25`) and what stands between them.
    private static func pieces(of line: String) -> [String] {
        let number = #"(?<![0-9A-Za-z_.])(?:0x[0-9a-f]+|[0-9]+\.[0-9]+|[0-9]+)"#
        // tcpdump writes 127.0.0.1.8080.
        let port = #"(?<=127\.0\.0\.1\.)[0-9]+"#
        let pattern = "(?:\(number)|\(port))(?![0-9A-Za-z_])(?!\\.[0-9])"
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [line] }
        var pieces: [String] = []
        var end = line.startIndex
        let whole = NSRange(line.startIndex..., in: line)
        for match in expression.matches(in: line, range: whole) {
            guard let range = Range(match.range, in: line) else { continue }
            pieces.append(String(line[end..<range.lowerBound]))
            pieces.append(String(line[range]))
            end = range.upperBound
        }
        return pieces + [String(line[end...])]
    }

    /// The line with one blank for each run of blanks, and none at its end.
    private static func squeezed(_ line: String) -> String {
        let words = line.split(separator: " ", omittingEmptySubsequences: true)
        return (line.hasPrefix(" ") ? " " : "") + words.joined(separator: " ")
    }
}
