// Plain sockets that don't block. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A call that failed, and why.
public struct Failure: Error, CustomStringConvertible {
    /// What was tried, and what came of it.
    public let description: String

    /// Creates a failure with these words.
    init(_ words: String) { description = words }

    /// Creates a failure of a system call, with errno(3) as the reason.
    init(call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
}

/// What clients need of the system.
enum Sockets {
    /// Begins to connect to 127.0.0.1; returns the descriptor, and the port at our end.
    static func connect(to port: UInt16, isNarrow: Bool) throws -> (descriptor: Int32, port: UInt16)
    {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw Failure(call: "socket") }
        set(SO_REUSEADDR, to: 1, on: descriptor)
        if isNarrow { set(SO_RCVBUF, to: 4_096, on: descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(4))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        address.sin_port = port.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> UInt16? in
                let code = Glibc.connect(descriptor, address, size)
                guard code == 0 || errno == EINPROGRESS else { return nil }
                getsockname(descriptor, address, &size)
                return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt16(bigEndian: $0.pointee.sin_port)
                }
            }
        }
        guard let own else {
            defer { close(descriptor) }
            throw Failure(call: "connect")
        }
        return (descriptor, own)
    }

    /// Sets an option of the socket.
    private static func set(_ option: Int32, to value: Int32, on descriptor: Int32) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The error that a socket has met, 0 if none; it is forgotten with that.
    static func error(of descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    /// Makes the close that follows a reset.
    static func resetOnClose(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// Lets this process, and those it starts, open as many descriptors as they may; returns how many.
    @discardableResult
    static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let isRaised = setrlimit(resource, &limit) == 0
        return Int(clamping: isRaised ? limit.rlim_max : before)
    }

    /// Makes sure that so many descriptors can be open; throws if the system allows fewer.
    static func needDescriptors(_ count: Int) throws {
        let most = raiseDescriptorLimit()
        guard most < count else { return }
        throw Failure(
            "\(count) open descriptors are needed, and this system allows \(most) for a process "
                + "(ulimit -Hn): raise that, or ask for fewer connections")
    }
}
