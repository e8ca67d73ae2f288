// A connection whose reads and writes suspend the task, never the thread.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A failed call of the system: which one, and why.
struct SystemError: Error, CustomStringConvertible {
    /// The name of the call.
    let call: String
    /// The reason, one of the numbers in errno(3).
    let code = errno

    /// The call and the reason in words.
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A connection and the loop that watches it; closed when nobody holds it any more.
final class Connection: Sendable {
    /// The loop that its task has to prefer.
    let loop: Loop
    /// The client's address and port.
    let peer: String
    /// The number under which the kernel knows the connection; does not block.
    private let descriptor: Int32

    /// Takes over a descriptor.
    private init(owning descriptor: Int32, peer: String, loop: Loop) {
        self.descriptor = descriptor
        self.peer = peer
        self.loop = loop
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        loop.add(descriptor)
    }

    deinit { close(descriptor) }

    /// Waits, with the whole thread, for the next client.
    static func accept(from listener: Int32, on loop: Loop) throws -> Connection {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if canImport(Darwin)
                    Darwin.accept(listener, $0, &size)
                #elseif canImport(Musl)
                    Musl.accept(listener, $0, &size)
                #else
                    Glibc.accept(listener, $0, &size)
                #endif
            }
        }
        guard descriptor >= 0 else { throw SystemError(call: "accept") }
        let host = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init) }
        let port = UInt16(bigEndian: address.sin_port)
        let peer = "\(host.joined(separator: ".")):\(port)"
        return Connection(owning: descriptor, peer: peer, loop: loop)
    }

    /// Receives what has arrived, 0 bytes at the end of the stream; waits while there is nothing.
    func receive(into buffer: UnsafeMutableRawBufferPointer) async throws -> Int {
        while true {
            // Waiting first: a call of recv that finds nothing costs as much as one that does.
            await loop.readable(descriptor)
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno != EAGAIN && errno != EINTR { throw SystemError(call: "recv") }
        }
    }

    /// Sends all of `bytes`; waits while the client, and the kernel in between, take no more.
    func sendAll(_ bytes: UnsafeRawBufferPointer) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = send(descriptor, part.baseAddress, part.count, 0)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                await loop.writable(descriptor)
            } else if errno != EINTR {
                throw SystemError(call: "send")
            }
        }
    }

    /// Says that nothing more will be sent.
    func shutdownWrite() throws {
        if shutdown(descriptor, Int32(SHUT_WR)) < 0 { throw SystemError(call: "shutdown") }
    }
}
