// Where exercise 1.1 begins: a server that hears one word of one client, answers it, and ends.
// SPDX-License-Identifier: Apache-2.0
//
// Try it:      swift run Stage1-Sync, and in another terminal: nc 127.0.0.1 8080

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

run(on: Console.start())

/// Listens on a port, answers one word of one client, and ends.
func run(on port: UInt16) {
    do {
        let listener = try Listener(port: port, backlog: 128)
        Console.log("Listening on 127.0.0.1:\(try listener.port)")
        let client = try listener.acceptClient()
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = try client.receive(into: &buffer)
        try client.sendAll(buffer[..<count])
    } catch {
        Console.cannotListen(on: port, error, error.code)
    }
}
