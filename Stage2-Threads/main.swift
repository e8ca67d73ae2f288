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
run(on: Console.start())

/// Listens on a port, and starts a thread for one client after the other, for ever.
func run(on port: UInt16) -> Never {
    do {
        let listener = try Listener(port: port, backlog: Int32(SOMAXCONN))
        Console.log("Listening on 127.0.0.1:\(try listener.port)")
        while true { serveNext(from: listener) }
    } catch {
        Console.cannotListen(on: port, error, error.code)
    }
}

/// Accepts a client and hands it over to a thread of its own.
func serveNext(from listener: borrowing Listener) {
    do {
        try startThread(for: listener.acceptClient())
    } catch {
        Console.error("Accept error: \(error)")
        // Out of descriptors, the next try would fail as fast: wait 0.1 s instead of spinning.
        if error.isShortage { usleep(100_000) }
    }
}

/// Serves one client to its end; what goes wrong on the way is this client's misfortune alone.
func serve(_ client: borrowing Client) {
    Console.log("Connected: \(client.peer)")
    do {
        try echo(client)
    } catch {
        Console.error("Error from \(client.peer): \(error)")
    }
    Console.log("Disconnected: \(client.peer)")
}

/// Answers every read with its text until the client has no more to say, then says the same.
func echo(_ client: borrowing Client) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = try client.receive(into: &buffer)
        // 0 bytes: the client has closed, or shut its write side and is waiting for the rest.
        if count == 0 { break }
        // A read may end in the middle of a character: both halves turn into U+FFFD.
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        Console.log("From \(client.peer): \(text.quoted)")
        try client.sendAll(ArraySlice("[echo] \(text)".utf8))
    }
    try client.shutdownWrite()
}

/// Starts a thread that serves the client; closes the connection if no thread can be made.
func startThread(for client: consuming Client) {
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
    // A thread is handed a pointer. The client moves to where it points; here, no name is left of it.
    let handover = UnsafeMutablePointer<Client>.allocate(capacity: 1)
    handover.initialize(to: client)
    let code = pthread_create(&thread, &attributes, { runThread($0) }, handover)
    guard code != 0 else { return }
    let client = handover.move()
    handover.deallocate()
    Console.error("Error from \(client.peer): \(SystemError(call: "pthread_create", code: code))")
}

/// A thread's whole life: takes the client over and serves it; with that, the connection closes.
func runThread(_ handover: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let handover = handover?.assumingMemoryBound(to: Client.self) else { return nil }
    let client = handover.move()
    handover.deallocate()
    serve(client)
    return nil
}
