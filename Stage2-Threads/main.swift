// Stage 2: the server of stage 1, with a thread for every client.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  the connection moves to the thread that serves it, and ends with that thread.
// Still wrong: a thread for every client, busy or silent; a prefix for every read, not for every
//              message; text only. Stage 3 serves all clients with a handful of threads.
// Try it:      swift run Stage2-Threads, and in another terminal: nc 127.0.0.1 8080

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// Sending to a client that has gone raises SIGPIPE, which ends the whole process, not just that
// connection. Ignored, it leaves us the error EPIPE from `send`.
signal(SIGPIPE, SIG_IGN)

do {
    let listener = try Socket.listening(on: Console.port, backlog: Int32(SOMAXCONN))
    Console.log("Listening on 127.0.0.1:\(try listener.port)")
    while true {
        do {
            let client = try listener.acceptClient()
            // The capture moves the socket into the closure: no other line can name it any more,
            // and it closes when the closure goes, behind `serve` or because no thread could be
            // made. What Swift doesn't check, though we'd wish it: that the closure runs only once.
            try startThread { [client] in serve(client) }
        } catch {
            Console.error("Accept error: \(error)")
            // Out of descriptors, accept fails at once, again and again: don't spin, wait 0.1 s.
            usleep(100_000)
        }
    }
} catch {
    Console.cannotListen(error.code)
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: borrowing Socket) {
    Console.log("Connected: \(client.peer)")
    do {
        try echo(client)
    } catch {
        Console.error("Error from \(client.peer): \(error)")
    }
    Console.log("Disconnected: \(client.peer)")
}

/// Answers every read with its text until the client has no more to say, then says the same.
func echo(_ client: borrowing Socket) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = try client.receive(into: &buffer)
        // 0 bytes: the client has closed, or shut its write side and is waiting for the rest.
        if count == 0 { break }
        // A read may end in the middle of a character: both halves turn into U+FFFD.
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        Console.log("From \(client.peer): \(Console.quoted(text))")
        try client.sendAll(ArraySlice("[echo] \(text)".utf8))
    }
    try client.shutdownWrite()
}

/// Runs `work` on a new thread, which nobody waits for.
func startThread(_ work: @escaping @Sendable () -> Void) throws(SystemError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // 128 KiB of addresses, not of memory: a page costs memory once the thread has touched it.
    pthread_attr_setstacksize(&attributes, 128 << 10)
    #if canImport(Darwin)
        var thread: pthread_t?
    #else
        var thread = pthread_t()
    #endif
    // pthread_create passes a pointer on, behind which Swift counts no references: retained here,
    // taken back by the thread.
    let box = Unmanaged.passRetained(Work(work))
    let code = pthread_create(&thread, &attributes, { Work.run($0) }, box.toOpaque())
    guard code == 0 else {
        box.release()
        throw SystemError(call: "pthread_create", code: code)
    }
}

/// A closure in a box, so that a pointer can point to it.
final class Work: Sendable {
    /// What the thread does.
    private let work: @Sendable () -> Void

    /// Creates the box.
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }

    /// Takes the closure out of the box behind the pointer, and runs it: a thread's whole life.
    static func run(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let box { Unmanaged<Work>.fromOpaque(box).takeRetainedValue().work() }
        return nil
    }
}
