// SPDX-License-Identifier: Apache-2.0

import Foundation

/// strace, which can put errors in the place of a call's results: no client can bring those about.
enum Strace {
    /// Where it is; nil where it is missing, or may not trace, as in some containers.
    static let path: String? = ["/usr/bin/strace", "/usr/local/bin/strace"].first { path in
        guard FileManager.default.isExecutableFile(atPath: path) else { return false }
        let strace = Program(path: path, isForeign: true)
        let trial = try? Server(strace, arguments: ["-qq", "-o", "/dev/null", "/bin/true"])
        return trial?.waitForExit() == .exited(0)
    }

    /// What to start a program with, so that some of its calls of accept fail.
    ///
    /// - Parameters:
    ///   - error: The error's name.
    ///   - calls: Which of the calls, as strace counts them.
    /// - Returns: The command before the program's; nil where strace can't trace.
    static func failingAccept(_ error: String, when calls: String) -> [String]? {
        // -D: the process is the server, and strace only looks on.
        path.map {
            [
                $0, "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=accept,accept4",
                "-e", "inject=accept,accept4:error=\(error):when=\(calls)",
            ]
        }
    }
}
