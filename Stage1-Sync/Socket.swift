// The socket of stages 1 and 2: the system's calls, and a value that owns the descriptor.
// The same file in both. SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A failed call of the system: which one, and why.
struct SystemError: Error, CustomStringConvertible {
    /// The name of the call, as its manual page has it.
    let call: String
    /// The reason, one of the numbers in errno(3).
    let code: Int32

    /// The call and the reason in words: `recv: Connection reset by peer`.
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A TCP socket and its only owner: when the value's life ends, the descriptor is closed.
///
/// It cannot be copied (`~Copyable`), so no second owner can use the number after the close, when
/// it may already name somebody else's connection.
struct Socket: ~Copyable {
    /// The number under which the kernel knows the socket.
    private let descriptor: Int32
    /// The peer's address and port; `unknown` for a listener, or if the peer is gone already.
    let peer: String

    /// Takes over a descriptor that nobody else closes.
    private init(owning descriptor: Int32, peer: String = "unknown") {
        self.descriptor = descriptor
        self.peer = peer
    }

    deinit {
        // Not repeated after EINTR: Linux has freed the number by then (close(2)), and the next
        // close would hit whoever was given it since.
        close(descriptor)
    }

    /// Creates a socket that listens on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port, 0 for any free one.
    ///   - backlog: How many connections may wait in the kernel for `accept`.
    /// - Returns: The socket, listening.
    /// - Throws: The name of the first call that failed.
    static func listening(on port: Int, backlog: Int32) throws(SystemError) -> Socket {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let listener = Socket(owning: try check("socket") { socket(AF_INET, stream, 0) })
        // Without it, bind fails for a minute after a run that had connections (TIME_WAIT).
        try listener.set(SO_REUSEADDR, of: SOL_SOCKET)
        // Nagle's algorithm off: a reply leaves at once. Accepted sockets inherit it from here.
        try listener.set(TCP_NODELAY, of: Int32(IPPROTO_TCP))

        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = try check("bind") {
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener.descriptor, $0, size)
                }
            }
        }
        _ = try check("listen") { listen(listener.descriptor, backlog) }
        return listener
    }

    /// The port that the socket is bound to.
    var port: Int {
        get throws(SystemError) {
            var address = sockaddr_in()
            _ = try Self.check("getsockname") {
                Self.withAddress(&address) { getsockname(descriptor, $0, $1) }
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }

    /// Takes the next connection out of the kernel's queue; waits while there is none.
    func acceptClient() throws(SystemError) -> Socket {
        var address = sockaddr_in()
        let descriptor = try Self.check("accept") {
            Self.withAddress(&address) { accept(self.descriptor, $0, $1) }
        }
        let host = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init) }
        let port = UInt16(bigEndian: address.sin_port)
        // Darwin hands out connections that were reset in the queue, without an address.
        let isKnown = address.sin_family == sa_family_t(AF_INET)
        let peer = isKnown ? "\(host.joined(separator: ".")):\(port)" : "unknown"
        return Socket(owning: descriptor, peer: peer)
    }

    /// Receives what has arrived into `buffer`; waits while there is nothing.
    ///
    /// - Returns: How many bytes, at most the size of `buffer`; 0 at the end of the stream.
    func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        try Self.check("recv") {
            buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        }
    }

    /// Sends all of `bytes`; waits while the peer, and the kernel in between, take no more.
    func sendAll(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            // A short write is no error: the kernel took what it had room for.
            let count = try Self.check("send") {
                rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that nothing more will be sent: the peer reads end of stream behind the last byte.
    func shutdownWrite() throws(SystemError) {
        _ = try Self.check("shutdown") { shutdown(descriptor, Int32(SHUT_WR)) }
    }

    /// Switches an option on.
    private func set(_ option: Int32, of level: Int32) throws(SystemError) {
        var on: Int32 = 1
        _ = try Self.check("setsockopt") {
            setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

extension Socket {
    /// Makes a system call, again if a signal interrupts it, and throws its errno if it fails.
    private static func check<Result: FixedWidthInteger & SignedInteger>(
        _ name: String, _ call: () -> Result
    ) throws(SystemError) -> Result {
        while true {
            let result = call()
            guard result < 0 else { return result }
            guard errno == EINTR else { throw SystemError(call: name, code: errno) }
        }
    }

    /// Hands `address` to a call that fills in an address and its size.
    private static func withAddress(
        _ address: inout sockaddr_in,
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &size) }
        }
    }
}
