// SPDX-License-Identifier: Apache-2.0

/// The adapter between clients, which think in payloads, and what a stage has on the wire.
///
/// Written from the wire format alone: it shares no code with the servers, or one mistake in both
/// would cancel itself.
enum Dialect: Sendable {
    /// Bytes, and the same bytes back.
    case echo
    /// Bytes; every read of the server comes back behind a prefix, as UTF-8.
    case prefixed
    /// Frames, answered by frames that begin with a text.
    case framed(Opening)
    /// What an exercise makes of the wire.
    case own(Wire)

    /// A wire format of an exercise, in which messages have ends.
    struct Wire: Sendable {
        /// What a client sends to say a payload.
        let message: @Sendable ([UInt8]) -> [UInt8]
        /// What has to come back for it.
        let answer: @Sendable ([UInt8]) -> [UInt8]
        /// The payloads in what came back.
        let content: @Sendable ([UInt8]) -> [UInt8]
    }

    /// What stands before the payload in a framed reply.
    enum Opening: Sendable {
        case received
        case gotIt
    }

    /// Whether messages have ends that the server sees.
    var isFramed: Bool {
        switch self {
        case .echo, .prefixed: false
        case .framed, .own: true
        }
    }

    /// What a client sends to say `payload`.
    func message(_ payload: [UInt8]) -> [UInt8] {
        switch self {
        case .echo, .prefixed: payload
        case .framed: Dialect.frame(payload)
        case .own(let wire): wire.message(payload)
        }
    }

    /// What a server says that shuts down: a line, or a message without its end of line.
    var farewell: [UInt8] {
        let text = "Server shutting down"
        return isFramed ? message(Array(text.utf8)) : Array("\(text)\n".utf8)
    }

    /// What a client sends to say `payload` in messages of 64 KiB, where there are messages.
    func messages(_ payload: [UInt8]) -> [UInt8] {
        guard isFramed else { return payload }
        return stride(from: 0, to: payload.count, by: 1 << 16).flatMap {
            message(Array(payload[$0...].prefix(1 << 16)))
        }
    }

    /// What has to come back for `payload`, to the byte, if it is taken as one message.
    func answer(to payload: [UInt8]) -> [UInt8] {
        switch self {
        case .echo: payload
        case .prefixed: Array("[echo] ".utf8) + payload.repaired
        case .framed(.received):
            Dialect.frame(Array("Received \(payload.count) bytes: ".utf8) + payload.repaired)
        case .framed(.gotIt): Dialect.frame(Array("Got it: ".utf8) + payload.repaired)
        case .own(let wire): wire.answer(payload)
        }
    }

    /// The payloads in what came back, without what the dialect puts around them.
    func content(of received: [UInt8]) -> [UInt8] {
        switch self {
        case .echo: return received
        case .prefixed: return received.removing(Array("[echo] ".utf8))
        case .framed:
            var content: [UInt8] = []
            var rest = received[...]
            while let payload = Dialect.takeFrame(from: &rest) {
                let opening = payload.prefix(while: { $0 != UInt8(ascii: ":") })
                content += payload.dropFirst(opening.count + 2)
            }
            return content + rest
        case .own(let wire): return wire.content(received)
        }
    }

    /// Whether what has been received can still become an answer with this content.
    func canBecome(_ content: [UInt8], _ received: [UInt8]) -> Bool {
        if case .framed = self {
            // Another length: this will never be the answer, however long one waits.
            let size = answer(to: content).count
            return received.count < size
                && Dialect.header(size - 4).starts(with: received.prefix(4))
        }
        let part = self.content(of: received)
        return part.count < content.count && content.continues(with: part, at: 0)
    }

    /// A frame: 4 bytes of length, the highest first, and the payload.
    static func frame(_ payload: [UInt8]) -> [UInt8] {
        header(payload.count) + payload
    }

    /// The 4 bytes that announce a payload of `length` bytes.
    static func header(_ length: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    }

    /// Takes the first frame off `bytes`; nil if there is no whole one.
    static func takeFrame(from bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.count >= 4 else { return nil }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count - 4 >= length else { return nil }
        let payload = bytes.dropFirst(4).prefix(length)
        bytes = bytes.dropFirst(4 + length)
        return payload
    }
}

extension [UInt8] {
    /// The bytes as UTF-8, with U+FFFD for what is not.
    var repaired: [UInt8] { Array(String(decoding: self, as: UTF8.self).utf8) }
}
