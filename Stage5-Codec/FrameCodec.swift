// The wire format of stages 4 and 5 as a codec: bytes in, messages out, and back.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Turns frames into text, and text into frames.
///
///     |  0   0   0   2 | 'h' 'i' |    A frame: the payload's length, 4 bytes, the highest first;
///       0   1   2   3    4   5        then the payload, UTF-8.
struct FrameCodec: NIOSingleStepByteToMessageDecoder, MessageToByteEncoder {
    /// The longest payload that is decoded, in bytes.
    static let limit = 16 << 20

    /// Takes one message out of `buffer`; nil, and takes nothing, if it has not arrived entirely.
    ///
    /// Bytes that are not UTF-8 turn into U+FFFD.
    func decode(buffer: inout ByteBuffer) throws -> String? {
        guard let length = buffer.peekInteger(as: UInt32.self).map(Int.init) else { return nil }
        // On the header, before the payload is waited for: the length is only the peer's claim.
        guard length <= Self.limit else {
            throw FrameError.tooLong(length: length, limit: Self.limit)
        }
        guard let payload = buffer.readLengthPrefixedSlice(as: UInt32.self) else { return nil }
        let text = String(buffer: payload)
        // The library keeps the buffer for what comes next. Keep a long message's room out of it.
        if buffer.readerIndex > 1 << 16 { buffer = ByteBuffer(bytes: buffer.readableBytesView) }
        return text
    }

    /// Does what `decode` does, at the end of the stream, where half a message is an error.
    func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> String? {
        if let text = try decode(buffer: &buffer) { return text }
        guard buffer.readableBytes == 0 else { throw FrameError.truncated }
        return nil
    }

    /// Puts a message behind what `out` holds; throws if 4 bytes can't express its length.
    ///
    /// It comes in pieces, so that nobody has to join long ones in memory first.
    func encode(data pieces: [String], out: inout ByteBuffer) throws {
        try out.writeLengthPrefixed(as: UInt32.self) { out in
            pieces.reduce(0) { $0 + out.writeString($1) }
        }
    }
}

/// Why a frame is not answered.
enum FrameError: Error, CustomStringConvertible {
    /// Its length, in bytes, is over the limit.
    case tooLong(length: Int, limit: Int)
    /// The stream ended inside its length or its payload.
    case truncated

    /// The reason in words.
    var description: String {
        switch self {
        case .tooLong(let length, let limit): "frame of \(length) bytes, the limit is \(limit)"
        case .truncated: "truncated frame"
        }
    }
}
