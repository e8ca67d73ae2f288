// What a process holds, as Linux tells it. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a process holds at a moment of a campaign.
public struct Sample: Codable, Sendable {
    /// When, in seconds after the first clients came.
    public let second: Int
    /// How many clients were there.
    public let clients: Int
    /// What the process held.
    public let usage: Usage
}

/// What a process holds at a moment.
public struct Usage: Codable, Sendable {
    /// Open descriptors.
    public var descriptors = 0
    /// Threads.
    public var threads = 0
    /// Mappings of memory: the stack of a thread that nobody has collected is one.
    public var mappings = 0
    /// Memory in use, in bytes.
    public var resident = 0

    /// Looks at a process.
    static func of(_ pid: pid_t) -> Usage {
        Usage(
            descriptors: entries("/proc/\(pid)/fd"), threads: entries("/proc/\(pid)/task"),
            mappings: text("/proc/\(pid)/maps").utf8.count { $0 == 0x0a },
            resident: resident(pid))
    }

    /// Memory in use, in bytes.
    static func resident(_ pid: pid_t) -> Int {
        let words = text("/proc/\(pid)/statm").split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// The processor time that a process has used, in milliseconds.
    static func processorTime(_ pid: pid_t) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0 else { return 0 }
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// How many entries a folder has.
    private static func entries(_ path: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
    }

    /// What a file of the kernel's says.
    private static func text(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        // Read to the end: these files name no size, and Foundation alone would stop after a page.
        var all = Data()
        while let more = try? file.read(upToCount: 1 << 16), !more.isEmpty { all += more }
        return String(decoding: all, as: UTF8.self)
    }
}
