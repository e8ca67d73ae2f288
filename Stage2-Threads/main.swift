// Stage 2: the server of stage 1, with a thread for every client.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  the connection moves to the thread that serves it, and ends with that thread.
// Still wrong: a thread for every client, busy or silent; "[echo] " before every read, not every
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
// connection. If it is ignored, `send` fails with EPIPE instead.
signal(SIGPIPE, SIG_IGN)
run(on: Console.start())

/// Listens on a port, and starts a thread for every client, for ever.
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
        startThread(for: try listener.acceptClient())
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

/// Sends back the text of every read until the client ends its stream, then ends ours.
func echo(_ client: borrowing Client) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = try client.receive(into: &buffer)
        // 0 bytes: the client has closed, or has shut its write side and awaits our last bytes.
        if count == 0 { break }
        // A character that is split between two reads turns into U+FFFD in both.
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
    // 128 KiB of address space, on every system; only the pages that are touched cost memory.
    pthread_attr_setstacksize(&attributes, 128 << 10)
    #if canImport(Darwin)
        var thread: pthread_t?
    #else
        var thread = pthread_t()
    #endif
    // A thread gets one pointer, so the client moves to the heap; `client` can't be used any more.
    let handover = UnsafeMutablePointer<Client>.allocate(capacity: 1)
    handover.initialize(to: client)
    let code = pthread_create(&thread, &attributes, { runThread($0) }, handover)
    if code == 0 { return }  // The client is the thread's now.
    let client = handover.move()
    handover.deallocate()
    Console.error("Error from \(client.peer): \(SystemError(call: "pthread_create", code: code))")
}

/// A thread's whole life: takes the client over, and serves it; its end closes the connection.
func runThread(_ handover: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let handover = handover?.assumingMemoryBound(to: Client.self) else { return nil }
    let client = handover.move()
    handover.deallocate()
    serve(client)
    return nil
}
