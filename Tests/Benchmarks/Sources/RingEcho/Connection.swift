// A listener and connections whose calls suspend the task, never the thread.
// SPDX-License-Identifier: Apache-2.0

import CBench
import CRing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A socket that listens; its task has to prefer its loop.
final class Listener: Watched, @unchecked Sendable {
    /// The port that it listens on.
    let port: Int32
    /// Whether clients have been asked for.
    private var isAsking = false
    /// Clients that nobody has taken yet, or why there was none, as minus an errno; the oldest first.
    private var arrived: [Int32] = []

    /// Listens on 127.0.0.1.
    init(port: UInt16, on loop: Loop) throws(SystemError) {
        var number = Int32(port)
        var descriptor = listen_on_loopback(&number, SOMAXCONN, true, false)
        // A process that has ended leaves its rings to the kernel, which ends them some moments later:
        // for as long, a request for clients keeps the old listener, and the port.
        for _ in 1...25 where descriptor < 0 && errno == EADDRINUSE {
            usleep(20_000)
            descriptor = listen_on_loopback(&number, SOMAXCONN, true, false)
        }
        guard descriptor >= 0 else { throw SystemError(call: "listen") }
        self.port = number
        super.init(descriptor, on: loop)
    }

    /// Takes the next client; waits while there is none.
    nonisolated(nonsending) func accept(for loop: Loop) async throws -> Connection {
        while arrived.isEmpty {
            if !isAsking { self.loop.kernel.receive(self) }
            isAsking = true
            await withUnsafeContinuation { task = $0 }
        }
        let client = arrived.removeFirst()
        guard client >= 0 else { throw SystemError(call: "accept", code: -client) }
        return Connection(client, on: loop)
    }

    /// Notes a client, or that there was none.
    override func noteArrival(_ completion: completion) {
        isAsking = completion.goes_on
        arrived.append(completion.result)
        resume()
    }
}

/// A connection; its task, which has to prefer its loop, calls `open` first and `hangUp` at last.
final class Connection: Watched, @unchecked Sendable {
    /// Bytes that have arrived: in one of the ring's buffers, or, if it is -1, in memory of their own.
    private typealias Chunk = (bytes: UnsafeRawBufferPointer, buffer: Int32)

    /// Whether bytes have been asked for.
    private var isAsking = false
    /// Whether bytes are being sent: until that is done, the task is left alone.
    private var isSending = false
    /// Whether the client does not read at present.
    private var isStalled = false
    /// Whether nobody wants to know any more.
    private var isOver = false
    /// Whether the end of the stream has arrived.
    private var hasEnded = false
    /// Why receiving failed, an errno.
    private var failure: Int32?
    /// What was to be sent at once.
    private var unsent = UnsafeRawBufferPointer(start: nil, count: 0)
    /// How many bytes were sent, or why none, as minus an errno.
    private var sent = 0
    /// The chunk that the task has.
    private var taken: Chunk?
    /// Chunks that the task has not taken yet, the oldest first.
    private var arrived: [Chunk] = []

    /// The client's address and port; `unknown` for one that had gone before it could be asked.
    var peer: String {
        var address = sockaddr_in()
        guard peer_address(descriptor, &address) == 0 else { return "unknown" }
        let host = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init) }
        return "\(host.joined(separator: ".")):\(UInt16(bigEndian: address.sin_port))"
    }

    /// Nothing: whoever receives asks the kernel for it.
    func open() throws {}

    /// Gives up what is under way; the connection is closed when that has come to its end.
    func hangUp() {
        if isAsking { loop.kernel.stopReceiving(self) }
        isOver = true
        giveBack()
        for chunk in arrived { giveBack(chunk) }
        arrived = []
    }

    /// Receives what has arrived, no bytes at the end of the stream; waits while there is nothing, and
    /// until all is sent that was to be sent before.
    ///
    /// The bytes stand where the kernel has put them, and are there until `sendAll` has sent them, or
    /// until the next call.
    nonisolated(nonsending) func receive() async throws -> UnsafeRawBufferPointer {
        while true {
            if !isSending {
                if sent < unsent.count { try await sendPatiently() }
                giveBack()
                if !arrived.isEmpty { return take() }
                if hasEnded { return UnsafeRawBufferPointer(start: nil, count: 0) }
                if let failure { throw SystemError(call: "recv", code: failure) }
                if !isAsking { loop.kernel.receive(self) }
                isAsking = true
            }
            await withUnsafeContinuation { task = $0 }
        }
    }

    /// Asks to send all of `bytes`, which `receive` has returned; its next call waits for it.
    ///
    /// So a message resumes the task once, and not again just to hear that its answer has been sent.
    nonisolated(nonsending) func sendAll(_ bytes: UnsafeRawBufferPointer) async throws {
        unsent = bytes
        send(bytes, atOnce: true)
    }

    /// Sends what the kernel has not taken at once; waits while the client takes no more.
    private nonisolated(nonsending) func sendPatiently() async throws {
        // Nothing more is received from a client that doesn't read, and none of the ring's buffers,
        // which are its neighbours' too, waits for it.
        let rest = Self.copy(unsent[try sentCount()...])
        defer { rest.deallocate() }
        unsent = UnsafeRawBufferPointer(start: nil, count: 0)
        giveBack()
        isStalled = true
        keepArrived()
        if isAsking { loop.kernel.stopReceiving(self) }
        var done = 0
        while done < rest.count {
            send(UnsafeRawBufferPointer(rebasing: rest[done...]), atOnce: false)
            while isSending { await withUnsafeContinuation { task = $0 } }
            done += try sentCount()
        }
        sent = 0
        isStalled = false
    }

    /// Asks to send bytes.
    private func send(_ bytes: UnsafeRawBufferPointer, atOnce: Bool) {
        isSending = true
        loop.kernel.send(bytes, to: self, atOnce: atOnce)
    }

    /// How many bytes the kernel has taken, when sending is done.
    private func sentCount() throws(SystemError) -> Int {
        if sent >= 0 { return sent }
        let reason = Int32(-sent)
        guard reason == EAGAIN || reason == EINTR else {
            throw SystemError(call: "send", code: reason)
        }
        return 0
    }

    /// Says that nothing more will be sent.
    func shutdownWrite() throws {
        if shutdown(descriptor, Int32(SHUT_WR)) < 0 { throw SystemError(call: "shutdown") }
    }

    // MARK: - What the loop tells

    /// Notes bytes, the end, or a failure.
    override func noteArrival(_ completion: completion) {
        isAsking = completion.goes_on
        if completion.result > 0 {
            let bytes = loop.kernel.bytes(in: completion.buffer, count: Int(completion.result))
            if isOver { return giveBack((bytes, completion.buffer)) }
            arrived.append((bytes, completion.buffer))
            if isStalled { keepArrived() }
        } else if completion.result == 0 {
            hasEnded = true
        } else if ![ENOBUFS, ECANCELED, EINTR].contains(-completion.result) {
            failure = -completion.result
        }
        if !isSending { resume() }
    }

    /// Notes what has come of sending.
    override func noteSent(_ completion: completion) {
        sent = Int(completion.result)
        isSending = false
        // Not only when the task comes to it: as many silent clients as there are buffers would keep
        // all of them, and nobody would be received from any more.
        if sent == unsent.count { giveBack() }
        // All is sent, and what comes next is under way: no reason to wake the task.
        let isQuiet = isAsking && arrived.isEmpty
        if sent != unsent.count || !isQuiet { resume() }
    }

    // MARK: - Buffers

    /// Hands the task the oldest chunk.
    private func take() -> UnsafeRawBufferPointer {
        let chunk = arrived.removeFirst()
        taken = chunk
        return chunk.bytes
    }

    /// Gives back the chunk that the task has had.
    private func giveBack() {
        if let taken { giveBack(taken) }
        taken = nil
    }

    /// Gives a chunk's memory back to the ring, or to the system.
    private func giveBack(_ chunk: Chunk) {
        if chunk.buffer >= 0 {
            loop.kernel.giveBack(chunk.buffer)
        } else {
            chunk.bytes.deallocate()
        }
    }

    /// Copies what has arrived, and gives its buffers back.
    private func keepArrived() {
        arrived = arrived.map { chunk in
            if chunk.buffer < 0 { return chunk }
            let copy = Self.copy(chunk.bytes[...])
            giveBack(chunk)
            return (copy, -1)
        }
    }

    /// Memory of our own with the same bytes.
    private static func copy(_ bytes: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(copy)
    }
}
