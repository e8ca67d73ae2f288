// Stage 1's sockets, with a client's way to one: `connect`. Everything else is as it was.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A socket that listens on 127.0.0.1, with the kernel's queue of clients not yet accepted.
struct Listener: ~Copyable {
    /// The socket, closed with the listener.
    private let socket: Socket

    /// Creates a socket and makes it listen.
    ///
    /// - Parameters:
    ///   - port: The port, 0 for any free one.
    ///   - backlog: How many connections may wait in the kernel to be accepted.
    /// - Throws: A `SystemError` that names the first call that failed.
    init(port: UInt16, backlog: Int32) throws(SystemError) {
        let socket = try Socket.stream()
        // Without it, bind fails for a minute after a run that had clients (TIME_WAIT).
        try socket.set(SO_REUSEADDR, of: SOL_SOCKET)
        // Nagle's algorithm off: a reply leaves at once. Accepted sockets inherit it from here.
        try socket.set(TCP_NODELAY, of: Int32(IPPROTO_TCP))

        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        address.sin_port = port.bigEndian
        let descriptor = socket.descriptor
        try check("bind") { address.withPointer { bind(descriptor, $0, $1.pointee) } }
        try check("listen") { listen(descriptor, backlog) }
        self.socket = socket
    }

    /// The port that the socket is bound to.
    var port: UInt16 {
        get throws(SystemError) {
            var address = sockaddr_in()
            let descriptor = socket.descriptor
            try check("getsockname") { address.withPointer { getsockname(descriptor, $0, $1) } }
            return UInt16(bigEndian: address.sin_port)
        }
    }

    /// Takes the next client out of the kernel's queue; waits while there is none.
    func acceptClient() throws(SystemError) -> Client {
        var address = sockaddr_in()
        let descriptor = socket.descriptor
        let accepted = try check("accept") { address.withPointer { accept(descriptor, $0, $1) } }
        return Client(socket: Socket(owning: accepted), peer: address.text)
    }
}

/// A connection, seen from either end: a stream of bytes each way.
struct Client: ~Copyable {
    /// The socket, closed with the client.
    fileprivate let socket: Socket
    /// The client's address and port; `unknown` if the client had left before it was accepted.
    let peer: String

    /// Receives what has arrived into `buffer`; waits while there is nothing.
    ///
    /// - Returns: How many bytes, at most the size of `buffer`; 0 at the end of the stream.
    func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        try check("recv") {
            buffer.withUnsafeMutableBytes { recv(socket.descriptor, $0.baseAddress, $0.count, 0) }
        }
    }

    /// Sends all of `bytes`; waits while neither the client nor the kernel has room for more.
    func sendAll(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            // A short count is no error: the kernel took what it had room for.
            let count = try check("send") {
                rest.withUnsafeBytes { send(socket.descriptor, $0.baseAddress, $0.count, 0) }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Ends our side of the stream: the client reads end of stream after the last byte.
    func shutdownWrite() throws(SystemError) {
        try check("shutdown") { shutdown(socket.descriptor, Int32(SHUT_WR)) }
    }
}

extension Client {
    /// Connects to a port of 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: Where the server listens.
    ///   - patience: How many seconds any call may wait; then it fails with EAGAIN.
    /// - Throws: A `SystemError` that names the first call that failed.
    init(connectingTo port: UInt16, patience: Int) throws(SystemError) {
        let socket = try Socket.stream()
        var time = timeval(tv_sec: patience, tv_usec: 0)
        let (descriptor, size) = (socket.descriptor, socklen_t(MemoryLayout<timeval>.size))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            try check("setsockopt") { setsockopt(descriptor, SOL_SOCKET, option, &time, size) }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        address.sin_port = port.bigEndian
        // Returns when the server's kernel has agreed; its program may not know of us yet.
        try check("connect") { address.withPointer { connect(descriptor, $0, $1.pointee) } }
        self.init(socket: socket, peer: address.text)
    }
}

/// A socket's descriptor and its only owner: destroying the value closes the descriptor.
///
/// It cannot be copied (`~Copyable`), so no second owner can use the number after the close, when
/// it may already name somebody else's connection.
struct Socket: ~Copyable {
    /// The number under which the kernel knows the socket.
    fileprivate let descriptor: Int32

    /// Takes over a descriptor that nobody else closes.
    fileprivate init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // No retry after EINTR: by then Linux has freed the number (close(2)), and a second close
        // would hit whoever has been given it since.
        close(descriptor)
    }

    /// Creates a TCP socket that is not connected to anything yet.
    fileprivate static func stream() throws(SystemError) -> Socket {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        return Socket(owning: try check("socket") { socket(AF_INET, stream, 0) })
    }

    /// Switches an option on.
    fileprivate func set(_ option: Int32, of level: Int32) throws(SystemError) {
        var on: Int32 = 1
        try check("setsockopt") {
            setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

/// A call of the system that failed: which one, and why.
struct SystemError: Error, CustomStringConvertible {
    /// The name of the call, as in its manual page.
    let call: String
    /// The reason, one of the numbers in errno(3).
    let code: Int32

    /// The call and the reason in words: `recv: Connection reset by peer`.
    var description: String { "\(call): \(String(cString: strerror(code)))" }
    /// Whether descriptors or memory have run out: the same call would fail again at once.
    var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }
}

/// Makes a system call, repeats it if a signal interrupts it, and throws its errno if it fails.
@discardableResult
private func check<Result: FixedWidthInteger & SignedInteger>(
    _ name: String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        guard result < 0 else { return result }
        guard errno == EINTR else { throw SystemError(call: name, code: errno) }
    }
}

extension sockaddr_in {
    /// Passes the address and its size to a call that reads the address or fills it in.
    fileprivate mutating func withPointer(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &self) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &size) }
        }
    }

    /// Address and port in the usual form, 127.0.0.1:8080.
    fileprivate var text: String {
        // On Darwin, accept also returns connections that were reset in the queue: no address.
        guard sin_family == sa_family_t(AF_INET) else { return "unknown" }
        let bytes = withUnsafeBytes(of: sin_addr) { $0.map(String.init) }
        return "\(bytes.joined(separator: ".")):\(UInt16(bigEndian: sin_port))"
    }
}
