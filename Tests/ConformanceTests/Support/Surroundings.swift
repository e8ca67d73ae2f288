// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a server finds when it starts, beside its arguments.
struct Surroundings {
    /// How many descriptors it may have open; nil for as many as we.
    var descriptors: Int?
    /// What it is handed; nil for nothing.
    var socket: HandedSocket?
    /// What starts it and looks on, such as strace with its options; empty for nothing.
    var tracer: [String] = []
    /// What a shell does first.
    var commands = ""
    /// How the shell redirects its streams, such as `>&-`.
    var redirections = ""

    /// Whether its pipes hold no more than 4 KiB, where the system lets us choose.
    var hasSmallPipes = false

    /// Makes a pipe as small as it should be.
    func resize(_ pipe: Int32) {
        #if os(Linux)
            let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ of fcntl(2)
            if hasSmallPipes { _ = fcntl(pipe, setPipeSize, 4096) }
        #endif
    }

    /// The command that starts a program in these surroundings.
    func command(_ program: Program, _ arguments: [String]) -> [String] {
        let command = tracer + [program.path] + arguments
        // The shell that becomes the server has its process id already.
        let steps =
            (descriptors.map { "ulimit -n \($0); " } ?? "")
            + (socket.map { "export LISTEN_FDS=\($0.count) LISTEN_PID=\($0.pid); " } ?? "")
            + commands
        if steps.isEmpty, redirections.isEmpty { return command }
        return ["/bin/sh", "-c", "\(steps) exec \"$0\" \"$@\" \(redirections)"] + command
    }
}

/// A listening socket for a server that is about to start: its descriptor 3.
struct HandedSocket {
    /// Ours; above 3, so that it can be copied there.
    let descriptor: Int32
    /// What LISTEN_PID says: whom it is meant for.
    var pid = "$$"
    /// What LISTEN_FDS says: how many there are.
    var count = 1
}
