// A peer of stage 4: frames by hand, with every reply in a write of its own or those to one read
// together. Between its two modes nothing else differs. SPDX-License-Identifier: Apache-2.0
//
//     FramedEcho each | together PORT

import NIOCore

let arguments = CommandLine.arguments
let port = arguments.last.flatMap { UInt16($0) } ?? 0
do {
    let writesEach = arguments.contains("each")
    let listener = try await listen(on: Int(port))
    Console.log("Listening on 127.0.0.1:\(listener.channel.localAddress?.port ?? 0)")
    await withDiscardingTaskGroup { tasks in
        try? await listener.executeThenClose { clients in
            for try await client in clients {
                tasks.addTask(executorPreference: LoopExecutor(client.channel.eventLoop)) {
                    try? await answer(client, writesEach: writesEach)
                }
            }
        }
    }
} catch {
    Console.cannotListen(on: port, error, (error as? IOError)?.errnoCode)
}

/// Answers frame after frame until the client closes.
func answer(_ client: Client, writesEach: Bool) async throws {
    let peer = client.channel.peer
    try await client.executeThenClose { inbound, outbound in
        var arrived = ByteBuffer()
        var owed = ByteBuffer()
        for try await var chunk in inbound {
            arrived.writeBuffer(&chunk)
            while let payload = arrived.readLengthPrefixedSlice(as: UInt32.self) {
                let text = String(buffer: payload)
                Console.log("From \(peer): \(text.quoted)")
                let opening = "Received \(payload.readableBytes) bytes: "
                owed.writeInteger(UInt32(opening.utf8.count + text.utf8.count))
                owed.writeString(opening)
                owed.writeString(text)
                if writesEach {
                    try await outbound.write(owed)
                    owed = ByteBuffer()
                }
            }
            if owed.readableBytes > 0 { try await outbound.write(owed) }
            owed = ByteBuffer()
            arrived.discardReadBytes()
        }
    }
}

/// Runs tasks on an event loop, so that a client's task and its channel share one thread.
final class LoopExecutor: TaskExecutor {
    /// The loop, which is one thread.
    private let loop: any EventLoop

    /// Creates an executor for a loop.
    init(_ loop: any EventLoop) { self.loop = loop }

    /// Runs the next piece of a task, when the loop gets to it.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
