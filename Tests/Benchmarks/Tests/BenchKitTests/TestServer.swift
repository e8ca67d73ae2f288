// A server inside the test, whose delay and counts are known. SPDX-License-Identifier: Apache-2.0

import CBench
import Foundation
import Synchronization

/// Echoes, after a delay, from one thread a client.
final class TestServer: Sendable {
    /// The port that it listens on.
    let port: Int
    /// The socket that it listens with.
    private let listener: Int32
    /// How many bytes it has received.
    private let received = Atomic(0)
    /// What it leaves behind for each message, in bytes, until it ends.
    private let leak: Int
    /// What it has left behind.
    private let left = Mutex<[[UInt8]]>([])

    /// Starts it; it ends with the test's process.
    init(
        delay: Double = 0, prefix: String = "", answers: Bool = true, leak: Int = 0
    ) throws {
        self.leak = leak
        var number: Int32 = 0
        listener = listen_on_loopback(&number, 128, true, false)
        port = Int(number)
        let listener = listener
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { [self] in
                    if answers { echo(client, delay: delay, prefix: Array(prefix.utf8)) }
                    close(client)
                }
            }
        }
    }

    /// How many bytes it has received.
    var bytes: Int { received.load(ordering: .relaxed) }

    /// Echoes until the client closes.
    private func echo(_ client: Int32, delay: Double, prefix: [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received.add(count, ordering: .relaxed)
            if leak > 0 { left.withLock { $0.append([UInt8](repeating: 1, count: leak)) } }
            usleep(UInt32(delay * 1e6))
            let reply = prefix + buffer[..<count]
            var sent = 0
            while sent < reply.count {
                let part = reply[sent...].withUnsafeBytes {
                    send(client, $0.baseAddress, $0.count, 0)
                }
                guard part > 0 else { return }
                sent += part
            }
        }
    }
}

/// Counts calls.
final class Counter: Sendable {
    /// How many there were.
    private let calls = Atomic(0)

    /// 1, 2, 3, one more with each call.
    func next() -> Double { Double(calls.add(1, ordering: .relaxed).newValue) }
}
