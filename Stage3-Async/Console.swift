// The command line and the log: every server needs them, but they are not the lesson.
// The same file in all six stages. SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The program's command line, standard output and standard error.
enum Console {
    /// Makes the standard streams safe to log to, and returns the port to listen on.
    static func start() -> UInt16 {
        // A stream that was closed at the start leaves its number free: a client's socket could
        // get it, and that client would be sent the log.
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
        // A log that grows past its size limit (ulimit -f) would end the process with SIGXFSZ.
        signal(SIGXFSZ, SIG_IGN)
        return port()
    }

    /// The port to listen on: the argument, or 8080 without one; 0 asks for any free port.
    ///
    /// Ends the program with exit status 64 (`EX_USAGE` of sysexits.h) on anything else.
    private static func port() -> UInt16 {
        let arguments = CommandLine.arguments.dropFirst()
        guard let argument = arguments.first else { return 8080 }
        // `UInt16("+80")` is 80, so check that there are only digits.
        if arguments.count == 1, argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(argument)
        {
            return port
        }
        let name = CommandLine.arguments.first?.split(separator: "/").last ?? "server"
        error("usage: \(name) [port]   (0 to 65535)")
        exit(EX_USAGE)
    }

    /// Ends the program because it cannot listen; `code` is the error's errno, if it has one.
    static func cannotListen(on port: UInt16, _ error: any Error, _ code: Int32?) -> Never {
        let reason = code.map { String(cString: strerror($0)) } ?? "\(error)"
        fail("cannot listen on 127.0.0.1:\(port): \(reason)")
    }

    /// Ends the program with exit status 1 and a line that says why.
    static func fail(_ line: String) -> Never {
        error(line)
        exit(EXIT_FAILURE)
    }

    /// Writes a line to standard output; waits if that is a pipe that is full.
    static func log(_ line: String) {
        put(line, to: STDOUT_FILENO)
    }

    /// Writes a line to standard error; waits if that is a pipe that is full.
    static func error(_ line: String) {
        put(line, to: STDERR_FILENO)
    }

    /// Writes a line, as a rule in one call, so that lines of different threads don't mix.
    ///
    /// `print` would keep it in a buffer when the output is a pipe: whoever waits for the
    /// "Listening" line would wait until the program ends.
    private static func put(_ line: String, to stream: Int32) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(stream, $0.baseAddress, $0.count) }
            // A log that is closed, or whose disk is full, is no reason to stop serving.
            if count < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
