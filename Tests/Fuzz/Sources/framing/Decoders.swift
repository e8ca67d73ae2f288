// Stage 4's reader and stage 5's codec, each fed piece by piece. SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded

/// A decoder that is fed pieces of a stream.
protocol Decoder: AnyObject {
    /// Its name in a message.
    var name: String { get }
    /// What it has made of the stream so far: the payloads, as far as it gives them away.
    var payloads: [[UInt8]] { get }
    /// How the stream has ended; nil if it goes on.
    var end: End? { get }
    /// What its replies are so far, in bytes; each is a frame that holds the payload as text.
    var replies: [UInt8] { get }
    /// Takes the next piece.
    func feed(_ piece: [UInt8])
    /// Takes the end of the stream.
    func finish()
}

/// Stage 4: a task that awaits portions.
///
/// Everything happens in one thread. The loop runs only when it is told to, so that what a portion
/// has brought about is known when `feed` returns.
final class Stage4: Decoder, @unchecked Sendable {
    let name = "stage 4's FrameStream"
    private(set) var payloads: [[UInt8]] = []
    private(set) var end: End?
    private(set) var replies: [UInt8] = []
    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel
    private let source: NIOAsyncChannelInboundStream<ByteBuffer>.TestSource

    /// Starts the task.
    init() {
        channel = EmbeddedChannel(loop: loop)
        let (stream, source) = NIOAsyncChannelInboundStream<ByteBuffer>.makeTestingStream()
        self.source = source
        Task(executorPreference: LoopExecutor(loop)) { await self.read(stream) }
        loop.run()
    }

    /// Does what the stage does with a client, but for the log.
    private func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async {
        var stream = FrameStream(inbound: inbound.makeAsyncIterator(), channel: channel)
        do {
            while let length = try await stream.readLength() {
                let text = try await stream.readText(length)
                payloads.append(Array(text.utf8))
                stream.reply("", text)
            }
            end = .clean
        } catch FrameError.tooLong(let length) {
            end = .tooLong(length)
        } catch FrameError.truncated {
            end = .truncated
        } catch {
            Console.fail("\(name): \(error)")
        }
        // What is owed is written; what follows needs a real channel, and fails.
        try? await stream.finish()
    }

    /// Takes the next piece.
    func feed(_ piece: [UInt8]) {
        source.yield(ByteBuffer(bytes: piece))
        run()
    }

    /// Takes the end of the stream.
    func finish() {
        source.finish()
        run()
    }

    /// Lets the task go on until it waits again, and takes what it has written.
    private func run() {
        loop.run()
        while let buffer = try? channel.readOutbound(as: ByteBuffer.self) {
            replies += buffer.readableBytesView
        }
    }
}

/// Stage 5: the codec in the library's processor.
final class Stage5: Decoder {
    let name = "stage 5's FrameCodec"
    private(set) var payloads: [[UInt8]] = []
    private(set) var end: End?
    private(set) var replies: [UInt8] = []
    private let frames = NIOSingleStepByteToMessageProcessor(FrameCodec())

    /// Takes the next piece.
    func feed(_ piece: [UInt8]) {
        decode { try frames.process(buffer: ByteBuffer(bytes: piece), $0) }
    }

    /// Takes the end of the stream.
    func finish() {
        decode { try frames.finishProcessing(seenEOF: true, $0) }
        if end == nil { end = .clean }
    }

    /// Decodes, and puts what comes out into frames again.
    private func decode(_ body: ((ByteBuffer) throws -> Void) throws -> Void) {
        guard end == nil else { return }
        var out = ByteBuffer()
        do {
            try body { payload in
                payloads.append(Array(payload.readableBytesView))
                try FrameCodec().encode(data: payload, out: &out)
            }
        } catch FrameError.tooLong(let length) {
            end = .tooLong(length)
        } catch FrameError.truncated {
            end = .truncated
        } catch {
            Console.fail("\(name): \(error)")
        }
        replies += out.readableBytesView
    }
}
