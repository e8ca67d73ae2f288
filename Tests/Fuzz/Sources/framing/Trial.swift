// One input of the fuzzer: a stream of frames, and how it is chopped. SPDX-License-Identifier: Apache-2.0

import CFuzzer
import Glibc

/// One input: how a stream is chopped, then the stream.
///
///     | n | size | size | … |  stream …  |    n sizes, each up to 255, one after the other and
///       0    1             n   n + 1          again; with none, the stream comes in one piece.
///
/// What is left after `most` pieces comes in one.
struct Trial {
    /// The stream.
    let stream: [UInt8]
    /// The pieces in which it comes.
    let pieces: [[UInt8]]

    /// Frames larger than this are left to the conformance suite: they would cost a try its speed, and
    /// stage 4 would mend their text on another thread.
    private static let longest = 60_000

    /// The most pieces: each costs stage 4 a turn of its loop, and a long drip tells what a short one has.
    private static let most = 64

    /// What two decoders may keep beside what has come, in bytes.
    private static let room = 256 << 10

    /// Takes an input apart.
    init(_ input: UnsafeBufferPointer<UInt8>) {
        let count = min(Int(input.first ?? 0) % 8, max(input.count - 1, 0))
        let sizes = input.dropFirst().prefix(count).map { max(Int($0), 1) }
        stream = Array(input.dropFirst(1 + count).prefix(Self.longest))
        var pieces: [[UInt8]] = []
        var start = 0
        while start < stream.count {
            let isLast = sizes.isEmpty || pieces.count + 1 == Self.most
            let size = isLast ? stream.count : sizes[pieces.count % sizes.count]
            let end = min(start + size, stream.count)
            pieces.append(Array(stream[start..<end]))
            start = end
        }
        self.pieces = pieces
    }

    /// Runs one input through the decoders; ends the process if one differs from the reference.
    static func run(_ input: UnsafeBufferPointer<UInt8>) {
        let trial = Trial(input)
        let meaning = Meaning(trial.stream)
        trial.compare(Stage4(), with: meaning) { Array(String(decoding: $0, as: UTF8.self).utf8) }
        trial.compare(Stage5(), with: meaning) { $0 }
    }

    /// Feeds a decoder, and compares it with the reference after every piece.
    private func compare(
        _ decoder: some Decoder, with meaning: Meaning, text: ([UInt8]) -> [UInt8]
    ) {
        let before = allocated_bytes()
        var expected = Progress()
        var count = 0
        for (index, piece) in pieces.enumerated() {
            decoder.feed(piece)
            count += piece.count
            expected.add(meaning.frames[expected.frames..<meaning.complete(in: count)], text)
            let end = meaning.isRefused(in: count) ? meaning.end : nil
            check(decoder, expected, end: end, after: count)
            // A look at the heap takes time: often in the beginning, then ever more rarely.
            if index & (index + 1) == 0 { checkMemory(decoder, before, count) }
            if end != nil { break }
        }
        checkMemory(decoder, before, count)
        decoder.finish()
        check(decoder, expected, end: meaning.end, after: count)
    }

    /// Compares what a decoder has made of the stream with what it should have.
    private func check(_ decoder: some Decoder, _ expected: Progress, end: End?, after count: Int) {
        if decoder.payloads == expected.payloads, decoder.end == end,
            decoder.replies == expected.replies
        {
            return
        }
        let frames = "\(expected.payloads.count) frames of \(expected.payloads.map(\.count)) bytes"
        let got = "\(decoder.payloads.count) of \(decoder.payloads.map(\.count))"
        Self.report(
            """
            \(decoder.name), after \(count) of \(stream.count) bytes in pieces of \
            \(pieces.map(\.count)):
              expected: \(frames), \(expected.replies.count) bytes of replies, \
            the end: \(end.map { "\($0)" } ?? "not yet")
              got:      \(got), \(decoder.replies.count) bytes of replies, \
            the end: \(decoder.end.map { "\($0)" } ?? "not yet")
              stream:   \(stream.prefix(64))\(stream.count > 64 ? "…" : "")
            """)
    }

    /// Compares what is allocated with what has come.
    private func checkMemory(_ decoder: some Decoder, _ before: Int, _ count: Int) {
        let kept = allocated_bytes() - before
        // What has come is there in its pieces, as payloads (each with an array's header), as text
        // three times as long, and as replies; buffers grow by doubling.
        guard kept > Self.room + 64 * count else { return }
        Self.report(
            """
            \(decoder.name) keeps \(kept) bytes when \(count) have come.
              stream: \(stream.prefix(64))
            """)
    }

    /// Says what is wrong, and ends the process: libFuzzer keeps the input.
    private static func report(_ words: String) -> Never {
        let line = Array("\n\(words)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        abort()
    }
}

/// What should have come out of a stream by now.
private struct Progress {
    /// How many frames.
    var frames = 0
    /// Their payloads.
    var payloads: [[UInt8]] = []
    /// The replies, a frame for each.
    var replies: [UInt8] = []

    /// Adds frames.
    mutating func add(
        _ more: ArraySlice<(payload: [UInt8], end: Int)>, _ text: ([UInt8]) -> [UInt8]
    ) {
        for (payload, _) in more {
            let text = text(payload)
            frames += 1
            payloads.append(text)
            replies += (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (24 - 8 * $0)) } + text
        }
    }
}
