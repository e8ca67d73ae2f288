// What the kernel may do to a server's calls, and rarely does. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a server's system calls meet.
public enum KernelFault: String, CaseIterable, Sendable {
    case interrupted
    case pieces
    case aborted
    case files
    case buffers
    case memory

    /// The fault for a reader.
    public var words: String {
        switch self {
        case .interrupted: "every other call is interrupted (EINTR)"
        case .pieces: "three in four reads and writes move one byte"
        case .aborted: "accepts fail with ECONNABORTED"
        case .files: "accepts fail with ENFILE"
        case .buffers: "accepts fail with ENOBUFS"
        case .memory: "accepts fail with ENOMEM"
        }
    }

    /// The error of accept, if that is the fault.
    var acceptError: Int32? {
        switch self {
        case .interrupted, .pieces: nil
        case .aborted: ECONNABORTED
        case .files: ENFILE
        case .buffers: ENOBUFS
        case .memory: ENOMEM
        }
    }

    /// The fault as the library is told of it (`faults.c`).
    var wish: String { acceptError.map { "accept:\($0)" } ?? rawValue }

    /// The kinds of calls that have to have met it, or nothing was tried.
    func calls(of stage: Stage) -> [KernelCall] {
        switch self {
        // A thread that has one client waits in read and in accept; a loop waits for all at once.
        case .interrupted: [.accept, .read, .write] + (stage.hasLoops ? [.wait] : [])
        case .pieces: [.read, .write]
        case .aborted, .files, .buffers, .memory: [.accept]
        }
    }
}

/// A kind of system call; the number is the place of its count in the library's file (`faults.c`).
public enum KernelCall: Int, CaseIterable, Sendable {
    case accept
    case read
    case write
    case wait
}

/// A fault, and the file in which a server's calls that met it are counted.
public final class Interference: Sendable {
    /// The fault.
    public let fault: KernelFault
    /// The library that is loaded into the server.
    private let library: URL
    /// The file.
    private let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("kernel-faults-\(UUID().uuidString)")

    /// Creates the file, without counts.
    public init(_ fault: KernelFault, library: URL) throws {
        self.fault = fault
        self.library = library
        try Data(count: 8 * KernelCall.allCases.count).write(to: file)
    }

    deinit { try? FileManager.default.removeItem(at: file) }

    /// What a server has to find in its environment.
    var environment: [String: String] {
        [
            "LD_PRELOAD": library.path, "KERNEL_FAULT": fault.wish,
            "KERNEL_FAULT_COUNTS": file.path,
        ]
    }

    /// How many calls of each kind have met the fault so far.
    public func counts() throws -> [KernelCall: Int] {
        let bytes = try Data(contentsOf: file)
        let pairs = KernelCall.allCases.map { call in
            let count = bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: 8 * call.rawValue, as: UInt64.self)
            }
            return (call, Int(count))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// What wasn't tried after all: kinds of calls that have never met the fault.
    func violations(_ stage: Stage) throws -> [Violation] {
        let counts = try counts()
        let untouched = fault.calls(of: stage).filter { counts[$0] == 0 }
        guard !untouched.isEmpty else { return [] }
        let kinds = untouched.map { "\($0)" }.joined(separator: ", ")
        return [Violation(kind: .untried, what: "no call met it of the kind \(kinds)")]
    }

    /// Whether a line on standard error is what the fault brings about.
    func explains(_ line: String) -> Bool {
        guard let code = fault.acceptError, line.hasPrefix("Accept error: ") else { return false }
        return line.contains(String(cString: strerror(code))) || line.contains("errno: \(code))")
    }
}
