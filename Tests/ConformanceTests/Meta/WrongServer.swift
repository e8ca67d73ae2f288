// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A server that is wrong on purpose, in this very process: the checks have to find out how.
final class WrongServer: Sendable {
    /// What is wrong with it.
    enum Fault: String, CaseIterable, Sendable {
        case nothing
        case swallowsAByte
        case answersTwice
        case addsANewline
        case neverAnswers
        case closesEarly
        case wrongLength
        case keepsTheDescriptor
        case locksWhileSending
    }

    /// The port it listens on.
    let port: UInt16
    private let listener: Int32
    /// What a thread holds while it sends, if that is the fault.
    private static let lock = NSLock()

    /// Starts a server that speaks the dialect, but for the fault, on a port, 0 for any free one.
    init(_ fault: Fault, _ dialect: Dialect, port wanted: UInt16 = 0) throws {
        let listener = socket(AF_INET, streamSocket, 0)
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout.size(ofValue: on))
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, size)
        var address = loopback(wanted)
        guard withSocketAddress(&address, { bind(listener, $0, $1) }) == 0 else {
            throw ClientError(call: "bind", code: errno)
        }
        _ = withSocketAddress(&address) { getsockname(listener, $0, &$1) }
        guard listen(listener, 16) == 0 else { throw ClientError(call: "listen", code: errno) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread {
                    WrongServer.serve(client, fault, dialect)
                    if fault != .keepsTheDescriptor { close(client) }
                }
            }
        }
    }

    /// Stops listening.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Answers message after message, wrongly.
    private static func serve(_ client: Int32, _ fault: Fault, _ dialect: Dialect) {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            if count <= 0 { return }
            received += buffer[..<count]
            for payload in messages(in: &received, dialect) {
                if fault == .neverAnswers { continue }
                var answer = dialect.answer(to: payload)
                switch fault {
                case .swallowsAByte: answer.removeLast()
                case .answersTwice: answer += answer
                case .addsANewline: answer.append(0x0a)
                case .closesEarly: answer = Array(answer.prefix(answer.count / 2))
                case .wrongLength: answer[3] &+= 1
                case .nothing, .neverAnswers, .keepsTheDescriptor, .locksWhileSending: break
                }
                if fault == .locksWhileSending { lock.lock() }
                sendAll(answer, to: client)
                if fault == .locksWhileSending { lock.unlock() }
                if fault == .closesEarly { return }
            }
        }
    }

    /// Sends all bytes, also when a debugger or strace comes in between; gives up on an error.
    private static func sendAll(_ bytes: [UInt8], to client: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, 0) }
            if count < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    /// Takes whole messages off what has been received.
    private static func messages(in received: inout [UInt8], _ dialect: Dialect) -> [[UInt8]] {
        guard dialect.isFramed else {
            defer { received = [] }
            return [received]
        }
        var rest = received[...]
        var payloads: [[UInt8]] = []
        while let payload = Dialect.takeFrame(from: &rest) { payloads.append(Array(payload)) }
        received = Array(rest)
        return payloads
    }
}

extension Behaviour {
    /// Acts the behaviour out against a wrong server.
    func observe(_ fault: WrongServer.Fault, _ dialect: Dialect) throws -> Observation {
        let server = try WrongServer(fault, dialect)
        defer { server.stop() }
        let lab = Lab(
            program: Program(path: "/dev/null", isForeign: true), dialect: dialect,
            judgesConsole: false, openPort: server.port)
        return observe(in: lab, name: "The server")
    }
}
