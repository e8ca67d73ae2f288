// A client of the echo: blocking calls, a portion at a time. The solution of exercise 1.7.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  connect, send, receive, shut the write side, give up. A connection has no sides: stage 1's
//              `Client` serves at this end, too.
// Try it:      beside stage 3: echo hello | swift run Stage1-Sync 8080

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// A server that has gone is an error of `send`, and not our end.
signal(SIGPIPE, SIG_IGN)
run(on: Console.start())

/// Connects to a port, has its conversation, and ends the program.
func run(on port: UInt16) -> Never {
    let server: Client
    do {
        server = try Client(connectingTo: port, patience: 2)
    } catch {
        let reason = String(cString: strerror(error.code))
        Console.fail("cannot connect to 127.0.0.1:\(port): \(reason)")
    }
    do {
        try converse(with: server)
    } catch {
        Console.fail("\(error)")
    }
    exit(EXIT_SUCCESS)
}

/// Sends what standard input has, and shows what comes back, until both have ended.
func converse(with server: borrowing Client) throws {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = try readInput(into: &buffer)
        if count == 0 { break }
        try server.sendAll(buffer[..<count])
        try showAnswer(of: count, from: server)
    }
    // Without it, the server would wait for more, and we for its end.
    try server.shutdownWrite()
    var count = 0
    repeat {
        count = try receive(from: server, into: &buffer)
        try show(buffer[..<count])
    } while count > 0
}

/// Shows so many bytes, in however many pieces they come.
func showAnswer(of count: Int, from server: borrowing Client) throws {
    var missing = count
    while missing > 0 {
        var buffer = [UInt8](repeating: 0, count: missing)
        let count = try receive(from: server, into: &buffer)
        if count == 0 { throw Disappointment.endedEarly }
        try show(buffer[..<count])
        missing -= count
    }
}

/// Receives what has come; gives up when nothing comes for as long as the client has patience.
func receive(from server: borrowing Client, into buffer: inout [UInt8]) throws -> Int {
    do {
        return try server.receive(into: &buffer)
    } catch  where error.code == EAGAIN {
        throw Disappointment.silence
    }
}

/// What a server may do to a client.
enum Disappointment: Error, CustomStringConvertible {
    /// It said nothing.
    case silence
    /// It ended its stream in the middle of an answer.
    case endedEarly

    /// The same in words.
    var description: String {
        switch self {
        case .silence: "no answer for 2 s"
        case .endedEarly: "the server has closed too early"
        }
    }
}

/// Reads the next portion of standard input; 0 bytes at its end.
func readInput(into buffer: inout [UInt8]) throws(SystemError) -> Int {
    let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw SystemError(call: "read", code: errno) }
    return count
}

/// Writes to standard output, all of it.
func show(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw SystemError(call: "write", code: errno) }
        rest = rest.dropFirst(count)
    }
}
