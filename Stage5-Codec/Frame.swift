// What stages 4 and 5 know of a frame. The same file in both. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A length and that many bytes, the payload, which both stages treat as text.
enum Frame {
    /// The longest payload that is read, in bytes; a reply can be longer.
    static let limit = 16 << 20

    /// The payload as text; bytes that are not UTF-8 turn into U+FFFD.
    static func text(of payload: ByteBuffer) async throws -> String {
        // To mend 16 MiB takes half a second: not on the loop, whose other clients would wait for it.
        let isLong = payload.readableBytes > 1 << 16
        if isLong, String(validating: payload.readableBytesView, as: UTF8.self) == nil {
            return try await NIOThreadPool.singleton.runIfActive { String(buffer: payload) }
        }
        return String(buffer: payload)
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
