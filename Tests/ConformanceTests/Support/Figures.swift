// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the operating system says of a process.
extension Server {
    /// How many descriptors it has open.
    var openDescriptors: Int {
        #if canImport(Darwin)
            let size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, nil, 0)
            var list = [proc_fdinfo](repeating: proc_fdinfo(), count: Int(size))
            let bytes = Int32(list.count * MemoryLayout<proc_fdinfo>.stride)
            return Int(proc_pidinfo(pid, PROC_PIDLISTFDS, 0, &list, bytes))
                / MemoryLayout<proc_fdinfo>.stride
        #else
            return (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count)
                ?? 0
        #endif
    }

    /// How many threads it has.
    var threads: Int {
        #if canImport(Darwin)
            return Int(taskInfo.pti_threadnum)
        #else
            return status("Threads")
        #endif
    }

    /// How much memory it holds, in bytes (resident set).
    var memory: Int {
        #if canImport(Darwin)
            return Int(taskInfo.pti_resident_size)
        #else
            return status("VmRSS") * 1024
        #endif
    }

    /// How much memory it has reserved for data, touched or not, in bytes; nil if nobody can tell.
    var reservedMemory: Int? {
        #if canImport(Darwin)
            return nil
        #else
            return status("VmData") * 1024
        #endif
    }

    /// How much processor time it has used, in seconds.
    var processorTime: Double {
        #if canImport(Darwin)
            var timebase = mach_timebase_info_data_t()
            mach_timebase_info(&timebase)
            let ticks = taskInfo.pti_total_user + taskInfo.pti_total_system
            return Double(ticks) * Double(timebase.numer) / Double(timebase.denom) / 1e9
        #else
            // proc(5): utime and stime are fields 14 and 15; the name, field 2, may contain spaces.
            let stat = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            let fields = stat.drop { $0 != ")" }.split(separator: " ").compactMap { Double($0) }
            guard fields.count > 11 else { return 0 }
            return (fields[10] + fields[11]) / Double(sysconf(Int32(_SC_CLK_TCK)))
        #endif
    }

    /// How often its first thread has gone to sleep; nil if nobody can tell.
    var sleeps: Int? {
        #if canImport(Darwin)
            return nil
        #else
            return status("voluntary_ctxt_switches")
        #endif
    }

    #if canImport(Darwin)
        private var taskInfo: proc_taskinfo {
            var info = proc_taskinfo()
            _ = proc_pidinfo(
                pid, PROC_PIDTASKINFO, 0, &info, Int32(MemoryLayout<proc_taskinfo>.size))
            return info
        }
    #else
        /// How many addresses it uses, in bytes.
        var addresses: Int { status("VmSize") * 1024 }

        /// A number in /proc/PID/status.
        private func status(_ field: String) -> Int {
            let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") where line.hasPrefix("\(field):") {
                return Int(line.filter(\.isNumber)) ?? 0
            }
            return 0
        }
    #endif
}
