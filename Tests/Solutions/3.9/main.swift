// A client of any server of bytes: it sends and receives at the same time. The solution of exercise 3.9.
// SPDX-License-Identifier: Apache-2.0
//
// The lesson:  two directions, two tasks; the end of one is not the end of the other. To give up is to
//              close the channel.
// Try it:      beside stage 2: echo hello | swift run Stage3-Async 8080

import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A connection to a server: chunks of bytes to await, and a channel to write to.
typealias Server = NIOAsyncChannel<ByteBuffer, Never>

await run(on: Console.start())

/// Connects to a port, has its conversation, and ends the program.
func run(on port: UInt16) async -> Never {
    let server: Server
    do {
        server = try await connect(to: port)
    } catch {
        let code = (error as? NIOConnectionError)?.connectionErrors.first?.error as? IOError
        let reason = code.map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        Console.fail("cannot connect to 127.0.0.1:\(port): \(reason)")
    }
    do {
        try await converse(with: server)
    } catch {
        Console.fail("\(error)")
    }
    // Ends a read of the terminal, too, which no cancellation would reach.
    exit(EXIT_SUCCESS)
}

/// Connects; gives up after 2 s.
func connect(to port: UInt16) async throws -> Server {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connectTimeout(.seconds(2))
        // A server that ends first may still be sent the rest.
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(host: "127.0.0.1", port: Int(port)) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(GivesUp())
                return try Server(wrappingChannelSynchronously: channel)
            }
        }
}

/// Sends what standard input has, and meanwhile shows what comes, until the server ends.
func converse(with server: Server) async throws {
    try await server.executeThenClose { inbound in
        // Not awaited: it may be reading the terminal when the server has no more to say. If it can't
        // send, the server has gone, and the other direction throws.
        Task { try? await sendInput(over: server.channel) }
        for try await bytes in inbound { try show(bytes) }
    }
}

/// Sends standard input to its end, says that this was all, and from then on expects something.
func sendInput(over channel: any Channel) async throws {
    while true {
        // On a thread that may sleep: the loop has the server to listen to.
        let portion = try await NIOThreadPool.singleton.runIfActive { readInput() }
        if portion.readableBytes == 0 { break }
        try await channel.writeAndFlush(portion)
    }
    try await channel.close(mode: .output)
    try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandler(
            IdleStateHandler(readTimeout: .seconds(2)), position: .first)
    }.get()
}

/// Gives up when the library's handler says that nothing has come for too long.
final class GivesUp: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Throws at whoever awaits the server, and closes; passes on what is no such event.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.fireErrorCaught(Silence())
        context.close(promise: nil)
    }
}

/// The server has said nothing for as long as we have patience.
struct Silence: Error, CustomStringConvertible {
    /// The same in words.
    let description = "no answer for 2 s"
}

/// Reads the next portion of standard input; an empty one at its end.
func readInput() -> ByteBuffer {
    var portion = ByteBuffer()
    let count = portion.writeWithUnsafeMutableBytes(minimumWritableBytes: 4096) {
        max(0, read(STDIN_FILENO, $0.baseAddress, $0.count))
    }
    return count > 0 ? portion : ByteBuffer()
}

/// Writes to standard output, all of it.
func show(_ bytes: ByteBuffer) throws {
    var rest = bytes
    while rest.readableBytes > 0 {
        let count = rest.withUnsafeReadableBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw IOError(errnoCode: errno, reason: "write") }
        rest.moveReaderIndex(forwardBy: count)
    }
}
