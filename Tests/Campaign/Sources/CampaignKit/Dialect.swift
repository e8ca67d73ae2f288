// What a server owes for what it was sent. SPDX-License-Identifier: Apache-2.0

/// How a server answers.
public enum Dialect: Sendable {
    /// The same bytes.
    case echo
    /// Before the text of every read, `[echo] `.
    case prefixed
    /// For every frame a frame: this opening, made of the payload's length, and the payload as text.
    case framed(@Sendable (Int) -> String)

    /// Whether messages are frames.
    var isFramed: Bool {
        if case .framed = self { true } else { false }
    }

    /// The longest payload of a frame.
    static let limit = 16 << 20

    /// A message's payload: what its bytes are like depends on the client, and what they are, on chance.
    func payload(_ count: Int, style: UInt64, using chance: inout SeededGenerator) -> [UInt8] {
        let bytes = chance.bytes(count)
        switch self {
        // Letters, so that what is a prefix and what is text can't be mistaken.
        case .prefixed: return bytes.map { 0x61 + $0 % 26 }
        // Half of the clients send text, so that their replies aren't longer than what they have sent.
        case .framed where style % 2 == 0: return bytes.map { 0x20 + $0 % 0x5f }
        case .echo, .framed: return bytes
        }
    }

    /// The bytes that carry a payload.
    func message(_ payload: [UInt8]) -> [UInt8] {
        isFramed ? Self.header(payload.count) + payload : payload
    }

    /// A frame's length, the highest byte first.
    static func header(_ length: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    }

    /// What is owed for a payload.
    func reply(to payload: [UInt8]) -> [UInt8] {
        guard case .framed(let opening) = self else { return payload }
        let text = Array((opening(payload.count) + String(decoding: payload, as: UTF8.self)).utf8)
        return Self.header(text.count) + text
    }
}

/// What a client is still owed, and the judge of what it gets.
struct Owed {
    /// Whether `[echo] ` stands before what belongs to one read.
    private let isPrefixed: Bool
    /// All that was or will be owed.
    private var bytes: [UInt8] = []
    /// How much of it has come.
    private(set) var received = 0
    /// How much of `prefix` has come; nil between prefixes.
    private var prefixPlace: Int?
    /// Whether text has to follow, because a prefix alone answers no read.
    private var needsText = false

    /// What stands before every reply of stage 2.
    private static let prefix = Array("[echo] ".utf8)

    /// Creates an account without debts.
    init(_ dialect: Dialect) {
        if case .prefixed = dialect { isPrefixed = true } else { isPrefixed = false }
    }

    /// Owes more.
    mutating func add(_ more: [UInt8]) { bytes += more }

    /// How many bytes are owed in all, received ones included.
    var total: Int { bytes.count }

    /// Whether everything has come.
    var isSettled: Bool { received == bytes.count && prefixPlace == nil && !needsText }

    /// Takes what has come; returns what is wrong with it, if something is.
    mutating func take(_ chunk: ArraySlice<UInt8>) -> String? {
        guard isPrefixed else { return takePlain(chunk) }
        for byte in chunk {
            if let wrong = takePrefixed(byte) { return wrong }
        }
        return nil
    }

    /// Takes bytes that have to be the next ones.
    private mutating func takePlain(_ chunk: ArraySlice<UInt8>) -> String? {
        let end = received + chunk.count
        if end <= bytes.count, bytes[received..<end] == chunk {
            received = end
            return nil
        }
        for byte in chunk {
            guard received < bytes.count else { return "a byte more than it is owed, \(hex(byte))" }
            guard byte == bytes[received] else { return differs(byte) }
            received += 1
        }
        return nil
    }

    /// Takes a byte of a prefix or of a text.
    private mutating func takePrefixed(_ byte: UInt8) -> String? {
        if let place = prefixPlace ?? (received == 0 && !needsText ? 0 : nil) {
            guard byte == Self.prefix[place] else {
                return "\(hex(byte)) inside of the \"[echo] \" that is due after byte \(received)"
            }
            let isLast = place + 1 == Self.prefix.count
            prefixPlace = isLast ? nil : place + 1
            needsText = isLast
            return nil
        }
        if !needsText, byte == Self.prefix[0] {
            prefixPlace = 1
            return nil
        }
        guard received < bytes.count else { return "a byte more than it is owed, \(hex(byte))" }
        guard byte == bytes[received] else { return differs(byte) }
        received += 1
        needsText = false
        return nil
    }

    /// Says which byte is another one than it should be.
    private func differs(_ byte: UInt8) -> String {
        "\(hex(byte)) as byte \(received), where \(hex(bytes[received])) is due"
    }
}

/// A byte as it is shown: `0x0a`.
func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "0x" + (digits.count < 2 ? "0" : "") + digits
}
