// The wire format of stages 4 and 5 as a codec: bytes in, messages out, and back.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Takes payloads out of frames, and puts payloads into frames.
///
///     |  0   0   0   2 | 'h' 'i' |    A frame: the payload's length, 4 bytes, big-endian;
///       0   1   2   3    4   5        then the payload.
struct FrameCodec: NIOSingleStepByteToMessageDecoder, MessageToByteEncoder {
    /// Takes one payload out of `buffer`; returns nil, and takes nothing, until all of it is there.
    func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        guard let length = buffer.peekInteger(as: UInt32.self).map(Int.init) else { return nil }
        // Checked as soon as the header is here: the length is only the client's claim.
        guard length <= Frame.limit else { throw FrameError.tooLong(length: length) }
        guard let payload = buffer.readLengthPrefixedSlice(as: UInt32.self) else { return nil }
        // NIO reuses this buffer. A fresh one for the rest lets a long payload's memory be freed.
        if buffer.readerIndex > 1 << 16 { buffer = ByteBuffer(buffer: buffer) }
        return payload
    }

    /// Does what `decode` does, at the end of the stream, where half a frame is an error.
    func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        if let payload = try decode(buffer: &buffer) { return payload }
        guard buffer.readableBytes == 0 else { throw FrameError.truncated }
        return nil
    }

    /// Appends a frame to `out`; throws if 4 bytes can't hold the payload's length.
    func encode(data payload: ByteBuffer, out: inout ByteBuffer) throws {
        try out.writeLengthPrefixed(as: UInt32.self) { $0.writeImmutableBuffer(payload) }
    }
}
