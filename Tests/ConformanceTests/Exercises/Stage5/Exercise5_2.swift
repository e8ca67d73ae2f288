// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

@testable import Stage5_Codec

/// 5.2 A codec.
enum Exercise5_2 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.build(
        lesson: .codecAlone, red: "the codec finds no message", also: [.forgetsTheRefused])
}

extension Behaviour {
    /// Exercise 5.2: the names and types are those that docs/workbook start hands out.
    fileprivate static let codecAlone = Behaviour(
        family: .frames, title: "The codec works, without a socket", chapter: .codec,
        hint: "Look at the length without taking it; take it together with its payload."
    ) { lab in
        try lab.decodesWhole()
        try lab.leavesHalfAlone()
        try lab.minds()
        try lab.encodes()
        // On the wire nobody can tell; but two that take frames apart are one too many.
        if let source = lab.source, !source.contains("FrameCodec") {
            throw Deviation(
                "the server does without the codec",
                "  FrameCodec is right, but nothing in \(Stage.codec.name) uses it.")
        }
    }
}

extension Lab {
    /// Whole messages, one after the other.
    fileprivate func decodesWhole() throws {
        var buffer = ByteBuffer(bytes: Dialect.frame(Array("hi".utf8)) + Dialect.frame([]))
        buffer.writeBytes(Dialect.frame([0xff, 0x61, 0x00]))
        for expected in ["hi", "", "\u{fffd}a\0"] {
            let given = Array(buffer.readableBytesView)
            let text = try decode(&buffer)
            guard let text else {
                throw Deviation("the codec finds no message", story(given, "nil", expected))
            }
            guard text == expected else {
                throw Deviation(
                    "the codec finds another message",
                    story(given, text.debugDescription, expected))
            }
        }
        guard buffer.readableBytes == 0 else {
            throw Deviation(
                "the codec leaves a part of the message behind",
                "  After the last message, \(inWords(Array(buffer.readableBytesView))) are left.")
        }
    }

    /// Parts of a message, which stay where they are.
    fileprivate func leavesHalfAlone() throws {
        let message = Dialect.frame(Array("split".utf8))
        for count in 0..<message.count {
            let part = Array(message.prefix(count))
            var buffer = ByteBuffer(bytes: part)
            if let text = try decode(&buffer) {
                throw Deviation(
                    "the codec makes a message of a part",
                    "  decode was given \(inWords(part)) of a frame of \(message.count), "
                        + "and returned \(text.debugDescription); nil was expected.")
            }
            guard Array(buffer.readableBytesView) == part else {
                throw Deviation(
                    "the codec takes a part of the message",
                    "  decode was given \(inWords(part)) of a frame of \(message.count), "
                        + "and left \(buffer.readableBytes).\n"
                        + "  What it takes without returning it is gone when it is asked again.")
            }
        }
    }

    /// The limit, and the end of the stream.
    fileprivate func minds() throws {
        var atTheLimit = ByteBuffer(bytes: Dialect.header(16 << 20))
        guard try decode(&atTheLimit) == nil else {
            throw Deviation("the codec makes a message of a part")
        }
        for length in [16 << 20 + 1, 0x8000_0000, 0xffff_ffff] {
            var buffer = ByteBuffer(bytes: Dialect.header(length))
            guard (try? FrameCodec().decode(buffer: &buffer) as Any) == nil else {
                throw Deviation(
                    "the codec waits for a frame that is too long",
                    "  decode was given a length of \(length), and returned; "
                        + "an error was expected, before the payload comes.")
            }
        }
        for bytes: [UInt8] in [[0], [0, 0, 0, 1], [0, 0, 0, 2, 0x68]] {
            var buffer = ByteBuffer(bytes: bytes)
            guard (try? FrameCodec().decodeLast(buffer: &buffer, seenEOF: true) as Any) == nil
            else {
                throw Deviation(
                    "the codec takes half a message for a clean end",
                    "  decodeLast was given \(inWords(bytes)), and returned; "
                        + "an error was expected, as no more will come.")
            }
        }
        var rest = ByteBuffer(bytes: Dialect.frame(Array("last".utf8)))
        do {
            let last = try FrameCodec().decodeLast(buffer: &rest, seenEOF: true)
            let end = try FrameCodec().decodeLast(buffer: &rest, seenEOF: true)
            guard last.map({ String(buffer: $0) }) == "last", end == nil else {
                throw Deviation(
                    "the codec finds another message",
                    "  decodeLast was given \"last\" in a frame, then nothing, and returned "
                        + "\(last.debugDescription), then \(end.debugDescription).")
            }
        } catch let error where !(error is Deviation) {
            throw Deviation(
                "the codec takes a clean end for half a message",
                "  decodeLast was given a whole frame, then nothing, and threw: \(error)")
        }
    }

    /// Messages on their way out.
    fileprivate func encodes() throws {
        var out = ByteBuffer(string: "!")
        do {
            try FrameCodec().encode(data: ByteBuffer(string: "hé"), out: &out)
            try FrameCodec().encode(data: ByteBuffer(), out: &out)
        } catch {
            throw Deviation("the codec does not encode", "  encode threw: \(error)")
        }
        let expected = Array("!".utf8) + Dialect.frame(Array("hé".utf8)) + Dialect.frame([])
        let written = Array(out.readableBytesView)
        guard written == expected else {
            throw Deviation(
                "the codec encodes something else",
                "  \"hé\" and then an empty payload were encoded, behind a \"!\" that was there.\n"
                    + difference(expected: expected, received: written))
        }
    }

    private func decode(_ buffer: inout ByteBuffer) throws -> String? {
        let given = Array(buffer.readableBytesView)
        do {
            return try FrameCodec().decode(buffer: &buffer).map { String(buffer: $0) }
        } catch {
            throw Deviation(
                "the codec throws", "  decode was given \(inWords(given)), and threw: \(error)")
        }
    }

    private func story(_ given: [UInt8], _ returned: String, _ expected: String) -> String {
        "  decode was given \(inWords(given)),\n"
            + "  and returned \(returned); \(expected.debugDescription) was expected."
    }
}
