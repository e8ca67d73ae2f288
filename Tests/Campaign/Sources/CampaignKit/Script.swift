// What one client does, in a form that can be written down, shortened and played again.
// SPDX-License-Identifier: Apache-2.0

/// One thing that a client does.
enum Step: Equatable, Sendable {
    /// Has a receive buffer of 4 KiB, so that little can be on its way to it.
    case narrow
    /// From now on, sends so many bytes at a time, so many milliseconds apart.
    case pieces(Int, gap: Int)
    /// Sends messages with payloads of so many bytes.
    case say(Int, times: Int = 1)
    /// Sends the header of a frame of so many bytes, and a part of its payload.
    case announce(Int, sent: Int)
    /// Does nothing but read for so many milliseconds.
    case pause(Int)
    /// Reads nothing for so many milliseconds; nil: ever again.
    case deaf(Int?)
    /// Waits until it has got all that it is owed.
    case wait
    /// Shuts its write side.
    case shut
    /// Reads to the end of the stream, and closes.
    case end
    /// Closes.
    case close
    /// Closes with a reset.
    case reset
    /// Waits to be cut off by the server, so many milliseconds after its refusal at the latest.
    case gone(Int)
}

extension Step: CustomStringConvertible {
    /// The step as it is written in a script.
    var description: String {
        switch self {
        case .narrow: "narrow"
        case .pieces(let size, let gap): "pieces \(size) \(gap)"
        case .say(let count, 1): "say \(count)"
        case .say(let count, let times): "say \(count) \(times)"
        case .announce(let claimed, let sent): "announce \(claimed) \(sent)"
        case .pause(let time): "pause \(time)"
        case .deaf(let time?): "deaf \(time)"
        case .deaf(nil): "deaf"
        case .wait: "wait"
        case .shut: "shut"
        case .end: "end"
        case .close: "close"
        case .reset: "reset"
        case .gone(let time): "gone \(time)"
        }
    }

    /// Reads a step; nil if there is none of that name and with so many numbers.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        let numbers = words.dropFirst().compactMap { Int($0) }
        guard let word = words.first, numbers.count == words.count - 1,
            numbers.allSatisfy({ $0 >= 0 })
        else { return nil }
        switch (word, numbers.count) {
        case ("narrow", 0): self = .narrow
        case ("pieces", 2): self = .pieces(max(numbers[0], 1), gap: numbers[1])
        case ("say", 1): self = .say(numbers[0])
        case ("say", 2): self = .say(numbers[0], times: max(numbers[1], 1))
        case ("announce", 2): self = .announce(numbers[0], sent: numbers[1])
        case ("pause", 1): self = .pause(numbers[0])
        case ("deaf", 1): self = .deaf(numbers[0])
        case ("deaf", 0): self = .deaf(nil)
        case ("wait", 0): self = .wait
        case ("shut", 0): self = .shut
        case ("end", 0): self = .end
        case ("close", 0): self = .close
        case ("reset", 0): self = .reset
        case ("gone", 1): self = .gone(numbers[0])
        default: return nil
        }
    }

    /// The step for a reader.
    var words: String {
        switch self {
        case .narrow: "has a receive buffer of 4 KiB"
        case .pieces(let size, 0): "from now on sends \(counted(size, "byte")) at a time"
        case .pieces(let size, let gap):
            "from now on sends \(counted(size, "byte")) at a time, \(gap) ms apart"
        case .say(let count, 1): "sends a message of \(counted(count, "byte"))"
        case .say(let count, let times): "sends \(times) messages of \(counted(count, "byte"))"
        case .announce(let claimed, let sent):
            "announces a frame of \(counted(claimed, "byte")), and sends \(sent) of them"
        case .pause(let time): "sends nothing for \(time) ms"
        case .deaf(let time?): "reads nothing for \(time) ms, beginning now"
        case .deaf(nil): "reads nothing any more"
        case .wait: "waits for all that it is owed"
        case .shut: "shuts its write side"
        case .end: "reads to the end of the stream, and closes"
        case .close: "closes"
        case .reset: "closes with a reset"
        case .gone(let time): "waits to be cut off, \(time) ms after its refusal at the latest"
        }
    }
}

/// A number and what it counts: `1 byte`, `4,096 bytes`.
func counted(_ count: Int, _ noun: String) -> String {
    var digits = String(count)
    var place = digits.count - 3
    while place > 0 {
        digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
        place -= 3
    }
    return "\(digits) \(noun)\(count == 1 ? "" : "s")"
}

/// How a client behaves, and so what it may expect.
enum Manners: String, Sendable {
    /// It gets every byte, and nobody complains of it.
    case honest
    /// It breaks the wire format: it gets what it is owed for what it said before that, and a
    /// complaint is logged.
    case wrong
    /// It gets nothing that it isn't owed, and may get nothing at all.
    case rude
}

/// What a client does, from connecting to its end.
public struct Script: Equatable, Sendable {
    /// How it behaves.
    let manners: Manners
    /// What its bytes come from.
    let seed: UInt64
    /// What it does, one after the other.
    var steps: [Step]

    /// Creates a script.
    init(_ manners: Manners, seed: UInt64 = 0, _ steps: [Step]) {
        self.manners = manners
        self.seed = seed
        self.steps = steps
    }

    /// Reads a script as `line` writes it; nil if it isn't one.
    public init?(_ line: String) {
        let halves = line.split(separator: ":", maxSplits: 1)
        let head = halves.first?.split(separator: "#") ?? []
        guard halves.count == 2, let word = head.first, head.count <= 2,
            let manners = Manners(rawValue: String(word)),
            let seed = head.count == 1 ? 0 : UInt64(head[1], radix: 16)
        else { return nil }
        let words = halves[1].split(separator: ";")
        let steps = words.compactMap { Step(String($0)) }
        guard steps.count == words.count, !steps.isEmpty else { return nil }
        self.init(manners, seed: seed, steps)
    }

    /// The script in one line, to be played again: `honest#5e: say 20; wait; shut; end`.
    public var line: String {
        "\(manners)#\(String(seed, radix: 16)): " + steps.map(\.description).joined(separator: "; ")
    }

    /// The longest payload that it sends or begins to send.
    var longestMessage: Int {
        steps.map { step in
            switch step {
            case .say(let count, _): count
            case .announce(_, let sent): sent
            default: 0
            }
        }.max() ?? 0
    }

    /// Whether it stops reading for good.
    var neverReads: Bool { steps.contains(.deaf(nil)) }

    /// Whether it is refused in the end, and has to be cut off.
    var isCutOff: Bool {
        if case .gone = steps.last { true } else { false }
    }
}
