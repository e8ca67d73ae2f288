// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A call of a client that failed.
struct ClientError: Error, CustomStringConvertible {
    /// Which call.
    let call: String
    /// Its errno.
    let code: Int32

    /// Both in words.
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

#if canImport(Glibc)
    /// The type of a TCP socket, which no server inherits that is started at the same time.
    let streamSocket = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
#else
    /// The type of a TCP socket.
    let streamSocket = SOCK_STREAM
#endif

#if canImport(Darwin)
    /// Flags for send: SO_NOSIGPIPE has been set on the socket.
    let quiet: Int32 = 0
#else
    /// Flags for send: an error instead of SIGPIPE.
    let quiet = Int32(MSG_NOSIGNAL)
#endif

/// A port of 127.0.0.1 as an address.
func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
}

/// A port of 127.0.0.1 that was free a moment ago.
func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, streamSocket, 0)
    defer { close(descriptor) }
    var address = loopback(0)
    guard withSocketAddress(&address, { bind(descriptor, $0, $1) }) == 0 else {
        throw ClientError(call: "bind", code: errno)
    }
    _ = withSocketAddress(&address) { getsockname(descriptor, $0, &$1) }
    return UInt16(bigEndian: address.sin_port)
}

/// Hands an address and its size to a call.
func withSocketAddress<Result>(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
) -> Result {
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &size) }
    }
}
