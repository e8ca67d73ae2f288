// Stands in for the stage's console: where the stage would read its port, the fuzzer runs.
// SPDX-License-Identifier: Apache-2.0

import CFuzzer
import Glibc

/// What the stage's main.swift calls; it logs nothing here.
enum Console {
    /// Runs the fuzzer, which ends the process; the stage's own server never starts.
    static func start() -> UInt16 {
        var count = CommandLine.argc
        var arguments = Optional(CommandLine.unsafeArgv)
        let code = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            Trial.run(UnsafeBufferPointer(start: data, count: size))
            return 0
        }
        exit(code)
    }

    /// Ends the process.
    static func cannotListen(on port: UInt16, _ error: any Error, _ code: Int32?) -> Never {
        fail("\(error)")
    }

    /// Ends the process.
    static func fail(_ line: String) -> Never { fatalError(line) }

    /// Logs nothing.
    static func log(_ line: String) {}

    /// Logs nothing.
    static func error(_ line: String) {}
}
