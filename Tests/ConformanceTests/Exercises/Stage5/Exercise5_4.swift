// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 5.4 The library's decoder.
enum Exercise5_4 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .librarysDecoder, red: "our own codec is still in use",
        changes: [
            // It knows no limit but the largest Int32, and forgets the length it refuses.
            Change(.oneTooLong, .differs(Symptom.noClose)),
            Change(.signBit, .unnamed), Change(.allOnes, .unnamed),
            // Its error ends the sequence, and with it the reading.
            Change(.refusalEnds, .differs(Symptom.noTimeGiven)),
            Change(.refusalWithUnread, .doesNotApply("nobody reads on")),
            // It comes to the task behind the reply that nobody takes.
            Change(.refusedNonReader, .differs(Symptom.refusedStays)),
            // A frame waits for the task while the one before it is answered.
            Change(.neverReaderText, .differs(Symptom.growsUnread)),
            Change(.neverReaderInvalid, .differs(Symptom.growsUnread)),
            // A write for each empty frame, and no count of those that a read brings.
            Change(.emptyFlood, .differs(Symptom.neighbourLate)),
            // It has taken the length, and forgets that it waits for what it announces.
            Change(
                .truncatedPayload, .differs(Symptom.notCalledTruncated)),
            Change(.sameOutcome, .differs(Symptom.outcomesDiffer)),
            // Frames come one by one, and nothing says where a read ended.
            Change(.oneWriteForAll, .differs(Symptom.oneByOne)),
        ])
}

extension Cell {
    /// What a refusal looks like whose reason is the library's.
    fileprivate static let unnamed = differs(
        Symptom.lengthUnnamed)
}

extension Behaviour {
    /// Exercise 5.4: what the stage's rows do not say of it.
    fileprivate static let librarysDecoder = Behaviour(
        family: .frames, title: "The library takes the frames apart, and puts them together",
        chapter: .codec, hint: "Decoder and prepender belong into the pipeline, in Listener.swift."
    ) { lab in
        let names = ["LengthFieldBasedFrameDecoder", "LengthFieldPrepender"]
        if let source = lab.source {
            if let missing = names.first(where: { !source.contains($0) }) {
                throw Deviation(
                    "our own codec is still in use",
                    "  Nothing in \(Stage.codec.name) uses \(missing).")
            }
            if source.contains("FrameCodec") {
                throw Deviation(
                    "our own codec is still in use, too",
                    "  Keep FrameCodec.swift, for its tests, but nothing else may use it.")
            }
        }
        try lab.boundsWhatIsAnnounced()
        try lab.boundsWhatWaits()
    }
}

extension Lab {
    /// Expects that a client that announces 1 GiB is let go before it has sent 24 MiB of it.
    fileprivate func boundsWhatIsAnnounced() throws {
        let server = try server()
        let client = try connect()
        try exchange(Array("before".utf8), over: client)
        // Less is no longer possible on the header; but nobody may make it hold a gigabyte.
        try client.send(Dialect.header(1 << 30))
        let block = [UInt8](repeating: 0x21, count: 1 << 20)
        // Throws when the server has let go of it.
        _ = try? client.sendUntilStuck(block, to: server, most: 24 * block.count)
        // Once it has read all that was sent, there is nothing left to wait for.
        letFinish(server)
        guard client.receiveToEnd(by: Deadline(in: 0.5)).end == .timeout else { return }
        throw Deviation(
            "it stores whatever is announced",
            """
              1 GiB was announced, 24 MiB have been sent, and it waits for more. The decoder
              knows no limit that could be set: whoever keeps the bytes for it needs one.
            """)
    }

    /// Expects that a client that sends long frames and never reads costs few of them.
    fileprivate func boundsWhatWaits() throws {
        let server = try server()
        let client = try connect("the client that never reads", receiveBuffer: 8192)
        let before = server.memory
        let message = dialect.message([UInt8](repeating: 0x78, count: 16 << 20))
        try client.sendUntilStuck(message, to: server, most: 12 * message.count)
        let growth = server.memory - before
        client.reset()
        guard growth <= 128 << 20 else {
            throw Deviation(
                "long frames pile up",
                """
                  For a client that sends frames of 16 MiB and reads nothing, the server has grown
                  by \(growth >> 20) MiB; 128 are plenty for one that is answered and one that waits.
                  What waits for the task is counted in elements. They were chunks of 16 KiB at
                  most, and now they are frames.
                """)
        }
    }
}
