// What the load sends, and how it knows that all of it was answered.
// SPDX-License-Identifier: Apache-2.0

import CBench
import Foundation

/// What a client sends in one go.
///
/// Its payload is one letter, over and over, which no server writes of its own: a reply is complete
/// when as many have come back. So stage 2's prefixes, one for every read, and the words that
/// stages 4 and 5 put before a text, need no knowledge of the server.
public struct Message: Sendable {
    /// The letter.
    private static let letter = UInt8(ascii: "~")
    /// Bytes of payload.
    let size: Int
    /// How many frames of that size are sent at once; nil: no frames, just bytes.
    let frames: Int?

    /// Creates a message.
    public init(size: Int, frames: Int? = nil) {
        self.size = size
        self.frames = frames
    }

    /// The bytes that a client sends.
    var request: [UInt8] {
        let payload = [UInt8](repeating: Self.letter, count: size)
        guard let frames else { return payload }
        let length = withUnsafeBytes(of: UInt32(size).bigEndian, Array.init)
        return (0..<frames).flatMap { _ in length + payload }
    }

    /// How many messages it counts as.
    var count: Int { frames ?? 1 }

    /// How many letters a complete answer has.
    var letters: Int { size * count }

    /// How many letters of an answer are among these bytes.
    func letters(in bytes: UnsafeRawBufferPointer) -> Int {
        count_letter(bytes.baseAddress, bytes.count, Self.letter)
    }

    /// How many letters of an answer are among these bytes.
    func letters(in bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { letters(in: $0) }
    }
}
