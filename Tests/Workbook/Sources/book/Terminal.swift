// SPDX-License-Identifier: Apache-2.0

import CTerminal
import Foundation

/// A shell behind a pseudo-terminal: what is typed is echoed, and `^C` is a signal, as at a real one.
final class Terminal {
    /// What the page calls it.
    let name: String
    /// Our end of the pseudo-terminal.
    private let descriptor: Int32
    /// The shell, which leads a session of its own.
    private let shell: pid_t
    /// What was shown and not read yet.
    private var received: [UInt8] = []
    /// What was read: the evidence when something is not as expected.
    private(set) var shown: [String] = []

    /// Starts a shell in `folder`.
    init(name: String, folder: URL, environment: [String: String]) throws(Trouble) {
        self.name = name
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { variable in
            strdup("\(variable.key)=\(variable.value)")
        }
        defer { for string in variables { free(string) } }
        variables.append(nil)
        var shell: pid_t = 0
        descriptor = terminal_open(folder.path, &variables, &shell)
        guard descriptor >= 0 else { throw Trouble("no pseudo-terminal") }
        self.shell = shell
    }

    /// Ends everything that runs in the terminal.
    func end() {
        let foreground = tcgetpgrp(descriptor)
        for process in Self.session(of: shell) { kill(process, SIGKILL) }
        if foreground > 0 { kill(-foreground, SIGKILL) }
        kill(shell, SIGKILL)
        var status: Int32 = 0
        waitpid(shell, &status, 0)
        close(descriptor)
    }

    /// The processes of a session, as far as /proc tells.
    private static func session(of leader: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { getsid($0) == leader }
    }

    /// Whether a program runs in the foreground, not the shell.
    var isBusy: Bool { tcgetpgrp(descriptor) != shell }

    /// Types text.
    func type(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR, errno != EAGAIN { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    /// Takes over what has been shown since, and waits for it, `seconds` at most.
    func pump(_ seconds: Double) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Int32(seconds * 1000)) > 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        // A terminal ends lines with CR and LF.
        received += buffer.prefix(max(count, 0)).filter { $0 != UInt8(ascii: "\r") }
    }

    /// The next whole line, taken away; nil as long as there is none.
    func nextLine() -> String? {
        guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        shown.append(line)
        return line
    }

    /// What stands behind the last whole line.
    var unfinished: String {
        let start = received.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return String(decoding: received[start...], as: UTF8.self)
    }

    /// Whether a whole line waits to be read.
    var hasLine: Bool { received.contains(UInt8(ascii: "\n")) }

    /// Takes away `text` if it is what comes next.
    func take(_ text: String) -> Bool {
        guard received.starts(with: text.utf8) else { return false }
        received.removeFirst(text.utf8.count)
        return true
    }
}
