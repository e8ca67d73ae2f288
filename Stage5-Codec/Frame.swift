// What stages 4 and 5 know of a frame. The same file in both. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A length and that many bytes, the payload, which both stages treat as text.
enum Frame {
    /// The longest payload that is read, in bytes; a reply can be longer.
    static let limit = 16 << 20

    /// The payload as text; bytes that are not UTF-8 turn into U+FFFD.
    static func text(of payload: ByteBuffer) async throws -> String {
        guard payload.readableBytes > 1 << 16 else { return String(buffer: payload) }
        if let text = String(validating: payload.readableBytesView, as: UTF8.self) { return text }
        // Repairing 16 MiB of bad UTF-8 takes 0.5 s. That is too long for a loop, which has others to
        // serve; and done in one go, a short text would have to wait for all the long ones before it.
        var (rest, text) = (payload, "")
        text.reserveCapacity(3 * rest.readableBytes)  // As U+FFFD, a bad byte takes three.
        while let part = rest.readPart() {
            text += try await NIOThreadPool.singleton.runIfActive { String(buffer: part) }
        }
        return text
    }
}

extension ByteBuffer {
    /// Reads the next 64 KiB of a text, or its rest, and cuts no character in two; nil at the end.
    fileprivate mutating func readPart() -> ByteBuffer? {
        let most = 1 << 16
        guard readableBytes > 0 else { return nil }
        guard readableBytes > most else { return readSlice(length: readableBytes) }
        // 10xxxxxx continues a character, three times at most: a fourth is bad, wherever we cut.
        let last = readableBytesView.dropFirst(most - 3).prefix(4)
        let end = last.lastIndex { $0 & 0b1100_0000 != 0b1000_0000 }
        return readSlice(length: end.map { $0 - readerIndex } ?? most)
    }
}

extension Channel {
    /// From now on, reads 512 bytes at a time: at most 128 frames, before the next client's turn.
    func readSmallPortions() {
        let allocator = FixedSizeRecvByteBufferAllocator(capacity: 512)
        setOption(.recvAllocator, value: allocator).whenComplete { _ in }
    }
}

/// Why a frame is not answered.
enum FrameError: Error, CustomStringConvertible {
    /// The payload would have `length` bytes, more than the limit.
    case tooLong(length: Int)
    /// The stream ended inside its length or its payload.
    case truncated

    /// The reason in words.
    var description: String {
        switch self {
        case .tooLong(let length): "frame of \(length) bytes, the limit is \(Frame.limit)"
        case .truncated: "truncated frame"
        }
    }
}
