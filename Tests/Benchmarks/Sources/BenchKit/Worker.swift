// One thread of the load. SPDX-License-Identifier: Apache-2.0

import CBench
import Foundation
import Histogram

/// Drives some of the clients.
///
/// Unchecked, because it moves: its thread alone uses it until the thread has ended, its creator
/// alone before and after.
final class Worker: @unchecked Sendable {
    /// A connection, and how far its request and the answer have come.
    private struct Client {
        /// The connection.
        let descriptor: Int32
        /// When the request was begun.
        var start: UInt64 = 0
        /// How much of the request has been sent.
        var sent = 0
        /// How many letters of the answer are missing.
        var missing = 0
        /// How many requests are to follow this one.
        var requests: Int
    }

    /// Messages answered within the window.
    private(set) var messages = 0
    /// How long each request took that was answered within the window.
    private(set) var latency = Load.emptyHistogram
    /// Why it ended too early, if it did.
    private(set) var failure: (any Error)?

    /// The epoll or kqueue.
    private let poller = poller_create()
    /// The clients; a client's token is its index.
    private var clients: [Client]
    /// How many of them have requests left.
    private var busy: Int
    /// The message.
    private let message: Message
    /// Its bytes.
    private let request: [UInt8]
    /// The time that is measured.
    private let window: Range<UInt64>
    /// Where answers are read to, and forgotten.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    /// Takes over connections, which stay open in the end.
    init(
        _ descriptors: [Int32], message: Message, requests: Int, window: Range<UInt64>
    ) throws {
        clients = descriptors.map { Client(descriptor: $0, requests: requests) }
        busy = descriptors.count
        self.message = message
        request = message.request
        self.window = window
        for (index, descriptor) in descriptors.enumerated() {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            guard poller_add(poller, descriptor, UInt64(index)) == 0 else {
                throw Failure(call: "poller_add")
            }
        }
    }

    deinit {
        close(poller)
        buffer.deallocate()
    }

    /// Sends requests and reads answers until the window ends or every request is answered.
    func run() {
        do {
            for index in clients.indices { try begin(index) }
            var ready = [readiness](repeating: readiness(), count: 256)
            var lastNews = Clock.now
            while busy > 0, Clock.now < window.upperBound {
                try Interruption.check()
                let count = poller_wait(poller, &ready, Int32(ready.count), 50)
                if count > 0 { lastNews = Clock.now }
                guard Clock.seconds(since: lastNews) < Double(Connection.patience) else {
                    throw Failure("no answer for \(Connection.patience) s")
                }
                for event in ready[..<Int(count)] {
                    if event.writable { try send(Int(event.token)) }
                    if event.readable { try receive(Int(event.token)) }
                }
            }
        } catch {
            failure = error
        }
    }

    /// Begins a client's next request.
    private func begin(_ index: Int) throws {
        clients[index].start = Clock.now
        clients[index].sent = 0
        clients[index].missing = message.letters
        clients[index].requests -= 1
        try send(index)
    }

    /// Sends what is left of a client's request, as far as the kernel takes it.
    private func send(_ index: Int) throws {
        let client = clients[index]
        let count = request.withUnsafeBytes {
            Foundation.send(
                client.descriptor, $0.baseAddress?.advanced(by: client.sent),
                $0.count - client.sent, Connection.sendFlags)
        }
        // ENOTCONN: still connecting. The poller says when that is done.
        guard count >= 0 || errno == EAGAIN || errno == ENOTCONN else {
            throw Failure(call: "send")
        }
        clients[index].sent += max(count, 0)
        let isComplete = clients[index].sent == request.count
        // A request is sent in one go nearly always: only others cost a call more.
        if !isComplete || client.sent > 0 || count < 0 {
            poller_watch(poller, client.descriptor, UInt64(index), true, !isComplete)
        }
    }

    /// Reads what has arrived of a client's answer, and begins its next request behind it.
    private func receive(_ index: Int) throws {
        let count = recv(clients[index].descriptor, buffer.baseAddress, buffer.count, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            throw count == 0 ? Failure("the server has closed") : Failure(call: "recv")
        }
        let part = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        clients[index].missing -= message.letters(in: part)
        guard clients[index].missing <= 0 else { return }
        guard clients[index].missing == 0 else {
            throw Failure("the server has sent more than it was sent")
        }
        let now = Clock.now
        if window.contains(now) {
            messages += message.count
            latency.record(now - clients[index].start)
        }
        if clients[index].requests > 0 { try begin(index) } else { busy -= 1 }
    }
}
