// Stage 1: an echo server of plain, blocking calls, one client at a time.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  socket, bind, listen, accept, recv, send, close, and who owns the descriptor.
// Still wrong: whoever comes second waits in the kernel's accept queue until the first has gone.
//              Stage 2 gives every client a thread.
// Try it:      swift run Stage1-Sync, and in another terminal: nc 127.0.0.1 8080

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// Sending to a client that has gone raises SIGPIPE, which ends the whole process, not just that
// connection. If it is ignored, `send` fails with EPIPE instead.
signal(SIGPIPE, SIG_IGN)
run(on: Console.start())

/// Listens on a port, and serves one client after another, for ever.
func run(on port: UInt16) -> Never {
    do {
        // About 128 clients can queue in the kernel; beyond that, connecting goes unanswered.
        let listener = try Listener(port: port, backlog: 128)
        Console.log("Listening on 127.0.0.1:\(try listener.port)")
        while true { serveNext(from: listener) }
    } catch {
        Console.cannotListen(on: port, error, error.code)
    }
}

/// Accepts a client and serves it.
func serveNext(from listener: borrowing Listener) {
    do {
        let client = try listener.acceptClient()
        serve(client)
        // `client` is destroyed here, and its socket's `deinit` closes the connection.
    } catch {
        Console.error("Accept error: \(error)")
        // With no descriptors left, the next try would fail at once: wait 0.1 s, don't spin.
        if error.isShortage { usleep(100_000) }
    }
}

/// Serves one client to the end; an error ends this connection and no other.
func serve(_ client: borrowing Client) {
    Console.log("Connected: \(client.peer)")
    do {
        try echo(client)
    } catch {
        Console.error("Error from \(client.peer): \(error)")
    }
    Console.log("Disconnected: \(client.peer)")
}

/// Sends back what arrives until the client ends its stream, then ends ours.
func echo(_ client: borrowing Client) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
        let count = try client.receive(into: &buffer)
        // 0 bytes: the client has closed, or has shut its write side and awaits our last bytes.
        if count == 0 { break }
        try client.sendAll(buffer[..<count])
    }
    try client.shutdownWrite()
}
