// A listener and connections whose calls suspend the task, never the thread.
// SPDX-License-Identifier: Apache-2.0
//
// `nonisolated(nonsending)`: such a function goes on where its caller runs. Without it, Swift asks
// at every call and every return which executor the task prefers, and takes a lock for that.

import CBench

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

    /// Listens on 127.0.0.1.
    init(port: UInt16, on loop: Loop) throws(SystemError) {
        var number = Int32(port)
        let descriptor = listen_on_loopback(&number, SOMAXCONN, true, false)
        guard descriptor >= 0 else { throw SystemError(call: "listen") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        self.port = number
        super.init(descriptor, on: loop)
        try loop.kernel.watch(self)
    }

    /// Takes the next client out of the kernel's queue; waits while there is none.
    nonisolated(nonsending) func accept(for loop: Loop) async throws -> Connection {
        while true {
            var address = sockaddr_in()
            let client = accept_without_blocking(descriptor, &address)
            if client >= 0 { return Connection(client, address: address, on: loop) }
            if errno == EAGAIN {
                await withUnsafeContinuation { task = $0 }
            } else if errno != EINTR {
                throw SystemError(call: "accept")
            }
        }
    }
}

/// A connection; its task, which has to prefer its loop, calls `open` first and `hangUp` at last.
final class Connection: Watched, @unchecked Sendable {
    /// The client's address.
    private let address: sockaddr_in

    /// Takes over a descriptor.
    init(_ descriptor: Int32, address: sockaddr_in, on loop: Loop) {
        self.address = address
        super.init(descriptor, on: loop)
    }

    /// The client's address and port; `unknown` for one that had gone before it could be asked.
    var peer: String {
        guard address.sin_family == sa_family_t(AF_INET) else { return "unknown" }
        let host = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init) }
        return "\(host.joined(separator: ".")):\(UInt16(bigEndian: address.sin_port))"
    }

    /// Has the loop watch the connection.
    func open() throws { try loop.kernel.watch(self) }

    /// Closes the connection.
    func hangUp() {
        loop.kernel.forget(self)
        close(descriptor)
    }

    /// Receives what has arrived, no bytes at the end of the stream; waits while there is nothing.
    ///
    /// The bytes stand in the loop's buffer, which all its clients share: they are there until the
    /// task waits again. `sendAll` keeps what it cannot send before.
    nonisolated(nonsending) func receive() async throws -> UnsafeRawBufferPointer {
        let buffer = loop.kernel.buffer
        while true {
            while !isReadable { await withUnsafeContinuation { task = $0 } }
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 {
                // It could have taken more: nothing is left, unless the kernel said so. Another call
                // would find nothing, and cost as much as one that does.
                isReadable = count == buffer.count || hasMore
                return UnsafeRawBufferPointer(rebasing: buffer[..<count])
            } else if errno == EAGAIN {
                (isReadable, hasMore) = (false, false)
            } else if errno != EINTR {
                throw SystemError(call: "recv")
            }
        }
    }

    /// Sends all of `bytes`; waits while neither the client nor the kernel has room for more.
    nonisolated(nonsending) func sendAll(_ bytes: UnsafeRawBufferPointer) async throws {
        // Before any waiting: nearly always the kernel has room.
        let count = try sendSome(bytes)
        if count == bytes.count { return }
        let rest = [UInt8](bytes[count...])
        var sent = 0
        while sent < rest.count {
            while !isWritable { await withUnsafeContinuation { task = $0 } }
            sent += try rest.withUnsafeBytes { bytes throws(SystemError) in
                try sendSome(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            }
        }
    }

    /// Sends until the kernel takes no more; returns how many bytes that are.
    private func sendSome(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = send(descriptor, rest.baseAddress, rest.count, 0)
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                isWritable = false
                break
            } else if errno != EINTR {
                throw SystemError(call: "send")
            }
        }
        return sent
    }

    /// Says that nothing more will be sent.
    func shutdownWrite() throws {
        if shutdown(descriptor, Int32(SHUT_WR)) < 0 { throw SystemError(call: "shutdown") }
    }
}
