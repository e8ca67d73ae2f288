// Where the codec goes: bytes in, messages out, and back. SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Turns frames into text, and text into frames; so far it does neither.
struct FrameCodec: NIOSingleStepByteToMessageDecoder, MessageToByteEncoder {
    /// Takes one message out of `buffer`; nil, and takes nothing, if it has not arrived entirely.
    func decode(buffer: inout ByteBuffer) throws -> String? {
        nil
    }

    /// Does what `decode` does, at the end of the stream, where half a message is an error.
    func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> String? {
        try decode(buffer: &buffer)
    }

    /// Puts a message, which comes in pieces, behind what `out` holds.
    func encode(data pieces: [String], out: inout ByteBuffer) throws {
    }
}
