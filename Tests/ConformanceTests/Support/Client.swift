// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A plain blocking socket, as rude as a test needs it; no read or write waits without a deadline.
///
/// Used by one thread for each direction at most.
final class Client: @unchecked Sendable {
    /// How a wait ended.
    enum End: Equatable {
        case endOfStream
        case reset
        case timeout
    }

    /// What timeline and failures call it.
    let name: String
    /// What they call the other side.
    private var peer = "server"
    private let timeline: Timeline
    private var descriptor: Int32
    /// The address the server knows it by.
    private(set) var address = ""

    /// Connects to a port of 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - host: The address, 127.0.0.1 unless told otherwise.
    ///   - name: What the timeline calls the client.
    ///   - timeline: Where its steps are noted.
    ///   - receiveBuffer: The kernel's room for what has not been read, in bytes; nil for its own.
    ///   - blocking: Whether to wait for the connection; if not, see `isConnected`.
    /// - Throws: The name of the call that failed.
    init(
        to port: UInt16, at host: UInt32 = 0x7f00_0001, name: String = "client", timeline: Timeline,
        receiveBuffer: Int32? = nil, blocking: Bool = true
    ) throws {
        self.name = name
        self.timeline = timeline
        descriptor = socket(AF_INET, streamSocket, 0)
        guard descriptor >= 0 else { throw ClientError(call: "socket", code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        #if canImport(Darwin)
            set(SO_NOSIGPIPE, of: SOL_SOCKET, to: 1)
        #endif
        if let receiveBuffer { set(SO_RCVBUF, of: SOL_SOCKET, to: receiveBuffer) }
        var target = loopback(port)
        target.sin_addr.s_addr = host.bigEndian
        let code = withSocketAddress(&target) { connect(descriptor, $0, $1) } == 0 ? 0 : errno
        guard code == 0 || code == EINPROGRESS else {
            throw ClientError(call: "connect", code: code)
        }
        if blocking {
            guard wait(for: POLLOUT, Deadline()) else {
                throw ClientError(call: "connect", code: ETIMEDOUT)
            }
            if let code = pendingError { throw ClientError(call: "connect", code: code) }
            timeline.add("\(name) connects")
        }
        var own = sockaddr_in()
        _ = withSocketAddress(&own) { getsockname(descriptor, $0, &$1) }
        address = "127.0.0.1:\(UInt16(bigEndian: own.sin_port))"
    }

    /// Takes over a connection that has been accepted: here the program that is judged is the client.
    init(accepted descriptor: Int32, timeline: Timeline) {
        name = "the server"
        peer = "client"
        self.timeline = timeline
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        #if canImport(Darwin)
            set(SO_NOSIGPIPE, of: SOL_SOCKET, to: 1)
        #endif
    }

    deinit { close() }

    /// Whether the connection has been made, by now or by `deadline`.
    func isConnected(by deadline: Deadline) -> Bool {
        wait(for: POLLOUT, deadline) && pendingError == nil
    }

    /// Sends all of `bytes`.
    ///
    /// - Throws: `ClientError` if the server has gone or takes no more by the deadline.
    func send(_ bytes: some Collection<UInt8>, by deadline: Deadline = Deadline()) throws {
        timeline.add("\(name) sends \(inWords(bytes))")
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = try sendSome(bytes[sent...])
            sent += count
            if count == 0, !wait(for: POLLOUT, deadline) {
                throw ClientError(call: "send", code: ETIMEDOUT)
            }
        }
    }

    /// Sends what the kernel takes without waiting; returns how many bytes that was.
    func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let count = bytes.withUnsafeBytes {
            Foundation.send(descriptor, $0.baseAddress, $0.count, quiet)
        }
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return 0 }
        throw ClientError(call: "send", code: errno)
    }

    /// Sends `bytes` over and over until none of them has been taken for 0.3 s, and the server rests.
    ///
    /// A server that is no process of its own, nil here, is taken to rest.
    ///
    /// - Returns: How many bytes went out; nil if there was no end after `most`.
    @discardableResult
    func sendUntilStuck(
        _ bytes: [UInt8], to server: Server?, most: Int = 64 << 20
    ) throws -> Int? {
        let deadline = Deadline(in: 20)
        var work = 0.0
        timeline.add("\(name) sends, and sends, and reads nothing")
        var sent = 0
        while sent < most {
            let count = try sendSome(bytes[(sent % bytes.count)...])
            sent += count
            guard count == 0, !wait(for: POLLOUT, Deadline(in: 0.3)) else { continue }
            let before = work
            work = server?.processorTime ?? 0
            // On a busy machine it may be slow. A tick of the clock that charges it is 0.01 s.
            if work - before < 0.015 || deadline.hasPassed { return sent }
        }
        return nil
    }

    /// Receives up to `most` bytes, at least one of them unless the stream ends.
    func receive(most: Int = 1 << 16, by deadline: Deadline = Deadline()) -> (
        bytes: [UInt8], end: End?
    ) {
        while true {
            var code: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                let result = recv(descriptor, buffer.baseAddress, most, 0)
                code = result < 0 ? errno : 0
                count = max(result, 0)
            }
            switch code {
            case 0: return (bytes, bytes.isEmpty ? .endOfStream : nil)
            case EAGAIN, EINTR:
                if !wait(for: POLLIN, deadline) { return ([], .timeout) }
            default: return ([], .reset)
            }
        }
    }

    /// Receives `count` bytes, fewer if the stream ends or the deadline passes before.
    func receive(exactly count: Int, by deadline: Deadline = Deadline()) -> (
        bytes: [UInt8], end: End?
    ) {
        receive(upTo: count, expecting: nil, by: deadline)
    }

    /// Receives as many bytes as are expected, and looks at them as they come.
    ///
    /// The first that is another decides: then there is nothing to wait for but what is there.
    func receive(expecting expected: [UInt8], by deadline: Deadline = Deadline()) -> (
        bytes: [UInt8], end: End?
    ) {
        receive(upTo: expected.count, expecting: expected, by: deadline)
    }

    /// Receives all until the stream ends.
    ///
    /// - Parameters:
    ///   - expected: What should come; the first byte that is another ends the wait.
    ///   - pause: Milliseconds to wait before every read, for a slow reader.
    ///   - deadline: When to give up.
    /// - Returns: What came, and how it ended.
    func receiveToEnd(
        expecting expected: [UInt8]? = nil, pause: Int32 = 0, by deadline: Deadline = Deadline()
    ) -> (bytes: [UInt8], end: End) {
        let (bytes, end) = receive(upTo: .max, expecting: expected, pause: pause, by: deadline)
        return (bytes, end ?? .timeout)
    }

    private func receive(
        upTo count: Int, expecting expected: [UInt8]?, pause: Int32 = 0, by deadline: Deadline
    ) -> (bytes: [UInt8], end: End?) {
        var bytes: [UInt8] = []
        var deadline = deadline
        var isOther = false
        while bytes.count < count {
            if pause > 0, !isOther { poll(nil, 0, pause) }
            let part = receive(most: min(count - bytes.count, 1 << 16), by: deadline)
            if let expected, !isOther, !expected.continues(with: part.bytes, at: bytes.count) {
                isOther = true
                deadline = Deadline(in: 0.1).orEarlier(deadline)
            }
            bytes += part.bytes
            // Of what comes after the first wrong byte, a glance is enough.
            let end = part.end ?? (isOther && deadline.hasPassed ? .timeout : nil)
            if let end {
                note(bytes, isOther && end == .timeout ? nil : end)
                return (bytes, end)
            }
        }
        note(bytes, nil)
        return (bytes, nil)
    }

    /// Whether nothing comes within so many seconds.
    func isLeftAlone(for seconds: Double) -> Bool {
        let isLeftAlone = !waitForData(seconds)
        if isLeftAlone { timeline.add("\(name) waits \(seconds) s: nothing comes") }
        return isLeftAlone
    }

    /// Waits until something can be read, for so many seconds at most.
    @discardableResult
    func waitForData(_ seconds: Double) -> Bool {
        wait(for: POLLIN, Deadline(in: seconds / Deadline.multiplier))
    }

    /// Whether the kernel takes more bytes within so many seconds.
    func canSend(within seconds: Double) -> Bool {
        wait(for: POLLOUT, Deadline(in: seconds / Deadline.multiplier))
    }

    /// Shuts the write side: the server reads end of stream, and may still send.
    func shutdownWrite() {
        timeline.add("\(name) shuts its write side", isTurn: true)
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the connection.
    func close() {
        guard descriptor >= 0 else { return }
        _ = Foundation.close(descriptor)
        descriptor = -1
    }

    /// Breaks the connection off with a reset.
    func reset() {
        timeline.add("\(name) breaks off with a reset", isTurn: true)
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    /// The error that the connection attempt has left, if any.
    private var pendingError: Int32? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0 ? nil : code
    }

    private func set(_ option: Int32, of level: Int32, to value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func wait(for events: Int32, _ deadline: Deadline) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let result = poll(&entry, 1, deadline.milliseconds)
            if result > 0 { return true }
            if result == 0 { deadline.ranOut() }
            if result == 0 || errno != EINTR { return false }
        }
    }

    private func note(_ bytes: [UInt8], _ end: End?) {
        if !bytes.isEmpty { timeline.add("\(name) receives \(inWords(bytes))") }
        switch end {
        case .endOfStream: timeline.add("\(name) reads end of stream: the \(peer) has closed")
        case .reset:
            timeline.add("\(name) reads a reset: the \(peer) has broken the connection off")
        case .timeout: timeline.add("\(name) waits: nothing more comes")
        case nil: break
        }
    }
}
