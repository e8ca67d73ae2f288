// The decoder that the others are compared with: slow, and obviously right.
// SPDX-License-Identifier: Apache-2.0

/// How a stream of frames ends.
enum End: Equatable {
    /// Between two frames.
    case clean
    /// At a header that announces too much.
    case tooLong(Int)
    /// Inside a header or a payload.
    case truncated
}

/// What a whole stream of bytes means.
struct Meaning {
    /// The payloads, and where each frame ends in the stream.
    private(set) var frames: [(payload: [UInt8], end: Int)] = []
    /// How the stream ends.
    private(set) var end = End.clean
    /// Where the frame begins that ends it; the stream's end if that is clean.
    private(set) var offset = 0

    /// Takes a whole stream apart.
    init(_ stream: [UInt8]) {
        while offset < stream.count {
            guard stream.count - offset >= 4 else {
                end = .truncated
                return
            }
            let header = stream[offset..<offset + 4]
            let length = header.reduce(0) { $0 * 256 + Int($1) }
            guard length <= 16 * 1024 * 1024 else {
                end = .tooLong(length)
                return
            }
            guard stream.count - offset - 4 >= length else {
                end = .truncated
                return
            }
            frames.append((Array(stream[offset + 4..<offset + 4 + length]), offset + 4 + length))
            offset += 4 + length
        }
    }

    /// How many frames are complete when so many bytes have come.
    func complete(in count: Int) -> Int { frames.count { $0.end <= count } }

    /// Whether the header that announces too much has come when so many bytes have.
    func isRefused(in count: Int) -> Bool {
        if case .tooLong = end { count >= offset + 4 } else { false }
    }
}
