// What stands around the server and is not its lesson: the command line and the log.
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
    /// The port to listen on: the argument, or 8080 without one; 0 asks for any free port.
    ///
    /// Ends the program with exit status 64 (`EX_USAGE` of sysexits.h) on anything else.
    static var port: Int {
        let arguments = CommandLine.arguments.dropFirst()
        guard let argument = arguments.first else { return 8080 }
        // `UInt16("+80")` is 80, hence the look at the digits.
        if arguments.count == 1, argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(argument)
        {
            return Int(port)
        }
        let name = CommandLine.arguments.first?.split(separator: "/").last ?? "server"
        error("usage: \(name) [port]   (0 to 65535)")
        exit(EX_USAGE)
    }

    /// Ends the program because it cannot listen, for the reason that `code`, an errno, names.
    static func cannotListen(_ code: Int32?) -> Never {
        let reason = code.map { String(cString: strerror($0)) } ?? "unknown reason"
        fail("cannot listen on 127.0.0.1:\(port): \(reason)")
    }

    /// Ends the program with exit status 1 and a line that says why.
    static func fail(_ line: String) -> Never {
        error(line)
        exit(EXIT_FAILURE)
    }

    /// Writes a line to standard output.
    static func log(_ line: String) {
        put(line, to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    static func error(_ line: String) {
        put(line, to: STDERR_FILENO)
    }

    /// Quotes what a peer sent for the log: at most 80 Unicode scalars, none of which a terminal obeys.
    ///
    /// `debugDescription` would let through U+009B, which starts a terminal command, and U+202E,
    /// which turns the rest of the line around.
    static func quoted(_ text: String) -> String {
        // Most text is plain: a look at its first bytes will do.
        let head = text.utf8.prefix(80)
        if head.allSatisfy(isPlain) {
            return "\"\(Substring(head))\"" + (head.endIndex == text.endIndex ? "" : "…")
        }
        var quoted = "\""
        let shown = text.unicodeScalars.prefix(80)
        for scalar in shown {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where isHarmless(scalar): quoted.unicodeScalars.append(scalar)
            default: quoted += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return quoted + (shown.endIndex == text.endIndex ? "\"" : "\"…")
    }

    /// Whether the byte is a printable ASCII character that means nothing in quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Whether a terminal just shows the scalar.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }

    /// Writes a line with one system call, so that lines of different threads never mix.
    ///
    /// `print` would keep it in a buffer when the output is a pipe: whoever waits for the
    /// "Listening" line would wait until the program ends.
    private static func put(_ line: String, to descriptor: Int32) {
        var line = line + "\n"
        line.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: rest))
                let count = write(descriptor, slice.baseAddress, slice.count)
                if count < 0, errno != EINTR { return }
                rest = rest.dropFirst(max(count, 0))
            }
        }
    }
}
