// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A process that has just been started, and our ends of its streams.
struct StartedProcess: Sendable {
    /// The process.
    let pid: pid_t
    /// Where to read what it writes to standard output.
    let output: Int32
    /// Where to read what it writes to standard error.
    let errors: Int32

    /// Starts a program; one after the other, as for a moment others would inherit these pipes.
    init(_ command: [String], in surroundings: Surroundings) throws {
        var outputPipe: [Int32] = [0, 0]
        var errorPipe: [Int32] = [0, 0]
        guard pipe(&outputPipe) == 0, pipe(&errorPipe) == 0 else {
            throw StartError(reason: "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        for end in outputPipe + errorPipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        for end in [outputPipe[0], errorPipe[0]] { surroundings.resize(end) }
        let (code, pid) = spawn(
            command, output: outputPipe[1], errors: errorPipe[1],
            socket: surroundings.socket?.descriptor)
        close(outputPipe[1])
        close(errorPipe[1])
        guard code == 0 else {
            close(outputPipe[0])
            close(errorPipe[0])
            throw StartError(
                reason: "cannot start \(command[0]): \(String(cString: strerror(code)))")
        }
        self.pid = pid
        output = outputPipe[0]
        errors = errorPipe[0]
    }
}

/// Starts a process with standard output and error redirected and every signal as a shell has it.
///
/// Tests ignore SIGPIPE, and a child would inherit that: a server that forgets about SIGPIPE would
/// pass here and end on its user's machine.
private func spawn(
    _ command: [String], output: Int32, errors: Int32, socket: Int32?
) -> (code: Int32, pid: pid_t) {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
    #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    if let socket { posix_spawn_file_actions_adddup2(&actions, socket, 3) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    #if canImport(Darwin)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #endif
    posix_spawnattr_setflags(&attributes, Int16(flags))
    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &variables)
    return (code, pid)
}
