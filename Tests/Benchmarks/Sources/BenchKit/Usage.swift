// What a process uses, as the operating system accounts for it. SPDX-License-Identifier: Apache-2.0

import CBench
import Foundation

/// What a process has used and holds.
struct Usage {
    /// Processor time since its start, of threads that have ended too, in seconds.
    var cpu = 0.0
    /// Memory in use, in bytes.
    var resident = 0.0
    /// The most memory that was ever in use, in bytes; 0 where the system does not say.
    var peak = 0.0
    /// Addresses in use, in bytes.
    var virtual = 0.0
    /// Threads.
    var threads = 0.0

    /// Asks the system about a process.
    static func of(_ pid: pid_t) throws -> Usage {
        var usage = Usage()
        #if os(Linux)
            var clock = clockid_t()
            guard clock_getcpuclockid(pid, &clock) == 0 else {
                throw Failure("the server has ended")
            }
            usage.cpu = Double(Clock.nanoseconds(of: clock)) / 1e9
            let status = numbers(in: "/proc/\(pid)/status")
            usage.resident = 1024 * (status["VmRSS"] ?? 0)
            usage.peak = 1024 * (status["VmHWM"] ?? 0)
            usage.virtual = 1024 * (status["VmSize"] ?? 0)
            usage.threads = status["Threads"] ?? 0
        #else
            var info = proc_taskinfo()
            let size = Int32(MemoryLayout<proc_taskinfo>.size)
            guard proc_pidinfo(pid, PROC_PIDTASKINFO, 0, &info, size) == size else {
                throw Failure("the server has ended")
            }
            var scale = mach_timebase_info()
            mach_timebase_info(&scale)
            let ticks = Double(info.pti_total_user + info.pti_total_system)
            usage.cpu = ticks * Double(scale.numer) / Double(scale.denom) / 1e9
            usage.resident = Double(info.pti_resident_size)
            usage.virtual = Double(info.pti_virtual_size)
            usage.threads = Double(info.pti_threadnum)
        #endif
        return usage
    }

    /// Context switches of a process's living threads; nil where the system does not say.
    static func switches(of pid: pid_t) -> Double? {
        #if os(Linux)
            let count = context_switches(pid)
            return count < 0 ? nil : Double(count)
        #else
            var info = proc_taskinfo()
            let size = Int32(MemoryLayout<proc_taskinfo>.size)
            proc_pidinfo(pid, PROC_PIDTASKINFO, 0, &info, size)
            return Double(info.pti_csw)
        #endif
    }

    /// Processor time that the whole machine has spent, in seconds; nil where it is not told.
    static var machineCPU: Double? {
        (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)).flatMap(machineCPU(in:))
    }

    /// The processor time that a text like `/proc/stat` tells of (proc_stat(5)), in seconds.
    ///
    /// What a virtual machine's host takes for others counts as well, its *steal*: it is as lost to
    /// server and load as what runs beside them.
    static func machineCPU(in text: String) -> Double? {
        guard let line = text.split(separator: "\n").first else { return nil }
        let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard ticks.count >= 8 else { return nil }
        // user, nice, system, idle, iowait, irq, softirq, steal
        return (ticks[0...2] + ticks[5...7]).reduce(0, +) / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    /// What the kernel itself holds for threads and their memory, in bytes, of all processes.
    static var kernel: (stacks: Double, pageTables: Double) {
        let memory = numbers(in: "/proc/meminfo")
        return (1024 * (memory["KernelStack"] ?? 0), 1024 * (memory["PageTables"] ?? 0))
    }

    /// How often a connection has found a listening socket's queue full since the system started;
    /// nil where it is not told.
    static var queueOverflows: Double? {
        guard let text = try? String(contentsOfFile: "/proc/net/netstat", encoding: .utf8) else {
            return nil
        }
        // Lines in pairs: the names, then the values.
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }
        let columns = lines.map { $0.split(separator: " ") }
        guard columns.count == 2, let index = columns[0].firstIndex(of: "ListenOverflows"),
            columns[1].indices.contains(index)
        else { return nil }
        return Double(columns[1][index])
    }

    /// The numbers in a file of lines `name: number`; none if there is no such file.
    private static func numbers(in path: String) -> [String: Double] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
        var numbers: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let first = parts[1].split(whereSeparator: \.isWhitespace).first
            else { continue }
            numbers[String(parts[0])] = Double(first)
        }
        return numbers
    }
}
