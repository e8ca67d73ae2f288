// Where the codec goes: bytes in, payloads out, and back. SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Takes payloads out of frames, and puts payloads into frames; so far it does neither.
struct FrameCodec: NIOSingleStepByteToMessageDecoder, MessageToByteEncoder {
    /// Takes one payload out of `buffer`; nil, and takes nothing, if it has not arrived entirely.
    func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        nil
    }

    /// Does what `decode` does, at the end of the stream, where half a frame is an error.
    func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        try decode(buffer: &buffer)
    }

    /// Puts a frame behind what `out` holds.
    func encode(data payload: ByteBuffer, out: inout ByteBuffer) throws {
    }
}
