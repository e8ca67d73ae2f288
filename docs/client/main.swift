// An echo client that hangs: docs/client.md asks why. SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

signal(SIGPIPE, SIG_IGN)
run(on: Console.start())

/// Sends all that standard input has, and shows what comes back.
func run(on port: UInt16) -> Never {
    do {
        let server = try Client(connectingTo: port, patience: 3600)
        try server.sendAll(readInput())
        try showAnswer(from: server)
        exit(EXIT_SUCCESS)
    } catch {
        Console.fail("\(error)")
    }
}

/// Reads standard input to its end.
func readInput() -> ArraySlice<UInt8> {
    var (input, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
    while true {
        let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count <= 0 { return input[...] }
        input += buffer[..<count]
    }
}

/// Writes what comes to standard output, until the server ends its stream.
func showAnswer(from server: borrowing Client) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = try server.receive(into: &buffer)
        if count == 0 { break }
        buffer.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, count) }
    }
}
