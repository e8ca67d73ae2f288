// The load's connections. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A client's end of a connection, as a plain descriptor.
enum Connection {
    /// The most that a call may wait, in seconds, before the measurement fails.
    static let patience = 30

    /// Connects to 127.0.0.1, with Nagle's algorithm off; waits for it unless told not to.
    static func open(to port: Int, waiting: Bool = true) throws -> Int32 {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { throw Failure(call: "socket") }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(4))
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        if !waiting { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }

        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 || (!waiting && errno == EINPROGRESS) else {
            defer { close(descriptor) }
            throw Failure(call: "connect")
        }
        return descriptor
    }

    /// Connects `count` times, one after the other.
    static func open(_ count: Int, to port: Int, waiting: Bool = true) throws -> [Int32] {
        var descriptors: [Int32] = []
        do {
            for _ in 0..<count {
                try Interruption.check()
                descriptors.append(try open(to: port, waiting: waiting))
            }
            return descriptors
        } catch {
            closeAll(descriptors)
            throw error
        }
    }

    /// Closes with a reset, which leaves no port behind that would be blocked for a minute.
    static func closeAll(_ descriptors: [Int32]) {
        var now = linger(l_onoff: 1, l_linger: 0)
        for descriptor in descriptors {
            setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            close(descriptor)
        }
    }

    /// Sends a message and waits until it has been answered.
    static func exchange(_ message: Message, on descriptor: Int32) throws {
        let request = message.request
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, sendFlags)
            }
            guard count > 0 else { throw Failure(call: "send") }
            sent += count
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var missing = message.letters
        while missing > 0 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                throw count == 0 ? Failure("the server has closed") : Failure(call: "recv")
            }
            missing -= message.letters(in: buffer[..<count])
        }
    }

    /// So that a server that has gone is an error, not a signal.
    static var sendFlags: Int32 {
        #if os(Linux)
            Int32(MSG_NOSIGNAL)
        #else
            0
        #endif
    }
}
