// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 6.5 A socket from outside.
enum Exercise6_5 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .takesOverASocket, red: "it listens on another port than the socket's")
}

extension Behaviour {
    /// Exercise 6.5: descriptor 3 is a socket that listens.
    fileprivate static let takesOverASocket = Behaviour(
        family: .resources, title: "A socket that is handed in is served, not one of its own",
        chapter: .shutdown,
        hint: "LISTEN_FDS is 1, and LISTEN_PID is our process id: descriptor 3 listens already."
    ) { lab in
        let socket = try ListeningSocket()
        let hello = Array("hello".utf8)
        lab.timeline.add("a socket listens on 127.0.0.1:\(socket.port): no server has been started")
        let early = try Client(to: socket.port, name: "the early client", timeline: lab.timeline)
        try early.send(lab.dialect.message(hello))
        let first = try lab.start(handing: HandedSocket(descriptor: socket.descriptor))
        guard first.port == socket.port else {
            throw Deviation(
                "it listens on another port than the socket's",
                "  expected 127.0.0.1:\(socket.port), received 127.0.0.1:\(first.port)")
        }
        try lab.expect(lab.dialect.answer(to: hello), from: early)
        lab.end(first, with: SIGTERM)
        try lab.expectFarewell(to: early)
        early.close()
        try lab.expectOrderlyEnd(of: first)
        guard
            let between = try? Client(
                to: socket.port, name: "a client between two servers", timeline: lab.timeline)
        else {
            throw Deviation(
                "who comes between two servers is refused",
                "  The socket is not the server's alone: shutdown(2) ends it for all, close(2) "
                    + "does not.")
        }
        try between.send(lab.dialect.message(hello))
        _ = try lab.start(handing: HandedSocket(descriptor: socket.descriptor))
        try lab.expect(lab.dialect.answer(to: hello), from: between)
        try lab.expectOwnSocket(beside: socket)
    }
}

extension Lab {
    /// Expects that a socket is left alone which is another process's, or isn't there.
    fileprivate func expectOwnSocket(beside socket: ListeningSocket) throws {
        // Process 1 is never ours.
        let other = try start(handing: HandedSocket(descriptor: socket.descriptor, pid: "1"))
        guard other.port != socket.port else {
            throw Deviation("it takes a socket that is meant for another process")
        }
        let none = try start(handing: HandedSocket(descriptor: socket.descriptor, count: 0))
        guard none.port != socket.port else {
            throw Deviation(
                "it takes a socket though LISTEN_FDS says that there is none",
                "  LISTEN_PID was its process id, LISTEN_FDS was 0: it has to listen by itself.")
        }
        let two = try start(handing: HandedSocket(descriptor: socket.descriptor, count: 2))
        guard two.port != socket.port else {
            throw Deviation(
                "it takes one of several sockets",
                "  LISTEN_FDS was 2: nobody would accept from the other. It has to listen by itself."
            )
        }
    }
}

/// A socket that listens, and is nobody's server yet.
private final class ListeningSocket {
    /// The descriptor, above those that a process is handed.
    let descriptor: Int32
    /// The port of 127.0.0.1.
    let port: UInt16

    /// Binds a free port, and listens.
    init() throws {
        let socket = Foundation.socket(AF_INET, streamSocket, 0)
        defer { close(socket) }
        var address = loopback(0)
        guard withSocketAddress(&address, { bind(socket, $0, $1) }) == 0, listen(socket, 128) == 0
        else { throw ClientError(call: "listen", code: errno) }
        _ = withSocketAddress(&address) { getsockname(socket, $0, &$1) }
        port = UInt16(bigEndian: address.sin_port)
        descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 10)
    }

    deinit { close(descriptor) }
}
