// SPDX-License-Identifier: Apache-2.0

import NIOCore
import XCTest

@testable import Stage5_Codec

/// The codec of stage 5 without a socket: bytes go in as they may arrive, messages come out.
final class Stage5FrameCodecTests: XCTestCase {
    func testOneFrameInOnePiece() throws {
        XCTAssertEqual(try decode([[0, 0, 0, 2, 0x68, 0x69]]), ["hi"])
    }

    func testEmptyFrame() throws {
        XCTAssertEqual(try decode([[0, 0, 0, 0]]), [""])
    }

    func testEverySplit() throws {
        let bytes = Dialect.frame(Array("split".utf8)) + Dialect.frame(Array("me".utf8))
        for position in 0...bytes.count {
            let parts = [Array(bytes[..<position]), Array(bytes[position...])]
            XCTAssertEqual(try decode(parts), ["split", "me"], "split at \(position)")
        }
        XCTAssertEqual(try decode(bytes.map { [$0] }), ["split", "me"])
    }

    func testAnyBytesAreAPayload() throws {
        var buffer = ByteBuffer(bytes: [0, 0, 0, 3, 0xff, 0x61, 0x00])
        let payload = try XCTUnwrap(FrameCodec().decode(buffer: &buffer))
        XCTAssertEqual(Array(payload.readableBytesView), [0xff, 0x61, 0x00])
    }

    func testPayloadAsText() async throws {
        let short = try await Frame.text(of: ByteBuffer(bytes: [0xff, 0x61, 0x00]))
        XCTAssertEqual(short, "\u{fffd}a\0")
        // A long one takes another way, which must come to the same.
        let bytes = [0xe2, 0x82] + [UInt8](repeating: 0x61, count: 1 << 17) + [0xff]
        let long = try await Frame.text(of: ByteBuffer(bytes: bytes))
        XCTAssertEqual(long, String(decoding: bytes, as: UTF8.self))
    }

    /// Whatever lies where a long text is cut into parts must come out as if it had not been cut.
    func testPayloadThatIsRepairedInParts() async throws {
        let good = ["é", "€", "😀"].map { Array($0.utf8) }
        let bad: [[UInt8]] = [
            [0xf0, 0x9f, 0x98], [0xe2, 0x82], [0xc3], [0xff], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80], [0xf0, 0x9f, 0x98, 0x80, 0x80], [UInt8](repeating: 0x80, count: 9),
        ]
        for middle in good + bad {
            for distance in 0...10 {
                let before = [UInt8](repeating: 0x61, count: 1 << 16 - distance)
                let bytes = before + middle + [0x62, 0xff]
                var buffer = ByteBuffer(bytes: [0x63] + bytes)
                buffer.moveReaderIndex(forwardBy: 1)
                let text = try await Frame.text(of: buffer)
                guard text != String(decoding: bytes, as: UTF8.self) else { continue }
                XCTFail("\(middle), \(distance) bytes before the cut: \(text.suffix(12))")
            }
        }
    }

    func testTheLimitIsInclusive() throws {
        var buffer = ByteBuffer(bytes: [0x01, 0x00, 0x00, 0x00])
        XCTAssertNil(try FrameCodec().decode(buffer: &buffer))
        XCTAssertEqual(buffer.readableBytes, 4, "nothing is taken before all has arrived")
    }

    func testOverTheLimitIsRefusedOnTheHeader() {
        for header: [UInt8] in [[1, 0, 0, 1], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff]] {
            XCTAssertThrowsError(try decode([header])) { error in
                guard case FrameError.tooLong = error else { return XCTFail("\(error)") }
                XCTAssertTrue("\(error)".hasSuffix("the limit is 16777216"), "\(error)")
            }
        }
    }

    func testWhatCameBeforeARefusedFrameIsDelivered() {
        var messages: [String] = []
        let processor = NIOSingleStepByteToMessageProcessor(FrameCodec())
        let bytes = Dialect.frame(Array("good".utf8)) + [0xff, 0xff, 0xff, 0xff]
        XCTAssertThrowsError(
            try processor.process(buffer: ByteBuffer(bytes: bytes)) {
                messages.append(String(buffer: $0))
            })
        XCTAssertEqual(messages, ["good"])
    }

    func testTheEndInsideAFrameIsTruncated() {
        for bytes: [UInt8] in [[0], [0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 2, 0x68]] {
            XCTAssertThrowsError(try decode([bytes])) { error in
                guard case FrameError.truncated = error else { return XCTFail("\(error)") }
            }
        }
    }

    func testALargeFrameLeavesNoRoomBehind() throws {
        var buffer = ByteBuffer(bytes: Dialect.frame([UInt8](repeating: 0x61, count: 1 << 20)))
        buffer.writeBytes([0, 0])
        XCTAssertEqual(try FrameCodec().decode(buffer: &buffer)?.readableBytes, 1 << 20)
        XCTAssertEqual(Array(buffer.readableBytesView), [0, 0])
        XCTAssertLessThan(buffer.capacity, 1 << 16)
    }

    func testEncode() throws {
        var out = ByteBuffer()
        try FrameCodec().encode(data: ByteBuffer(string: "hi"), out: &out)
        try FrameCodec().encode(data: ByteBuffer(), out: &out)
        XCTAssertEqual(Array(out.readableBytesView), [0, 0, 0, 2, 0x68, 0x69, 0, 0, 0, 0])
    }

    func testThereAndBack() throws {
        var random = SeededGenerator(9)
        for _ in 0..<100 {
            let payload = ByteBuffer(bytes: random.bytes(.random(in: 0...300, using: &random)))
            var out = ByteBuffer()
            try FrameCodec().encode(data: payload, out: &out)
            XCTAssertEqual(try FrameCodec().decode(buffer: &out), payload)
        }
    }

    /// Feeds the parts to the codec the way stage 5 does, and ends the stream.
    private func decode(_ parts: [[UInt8]]) throws -> [String] {
        var messages: [String] = []
        let processor = NIOSingleStepByteToMessageProcessor(FrameCodec())
        for part in parts {
            try processor.process(buffer: ByteBuffer(bytes: part)) {
                messages.append(String(buffer: $0))
            }
        }
        try processor.finishProcessing(seenEOF: true) { messages.append(String(buffer: $0)) }
        return messages
    }
}
