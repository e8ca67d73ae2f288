// What a server does for a message, counted in runs whose time is not measured.
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Bench {
    /// System calls for a message, by name, the most frequent first; nothing without `strace`.
    ///
    /// The difference between a long run and a short one: start, connect and end are in both.
    func systemCalls(_ program: Program, clients: Int, _ message: Message) throws -> Sample {
        guard let strace = Command.path(of: "strace") else { return [] }
        let requests = [10, count(200, quick: 30)]
        let counts = try requests.map { requests in
            let file = FileManager.default.temporaryDirectory
                .appendingPathComponent("bench-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            // -D: the server is our child, and strace is not; it ends when the server has.
            let server = try Server.start(
                program.started(by: [strace, "-D", "-f", "-c", "-o", file.path]))
            defer { server.stop() }
            _ = try Load(
                clients: clients, message: message, extent: .requests(requests), threads: 1
            ).run(port: server.port)
            server.stop()
            let start = Clock.now
            while Clock.seconds(since: start) < 10 {
                if let table = try? String(contentsOf: file, encoding: .utf8),
                    table.contains("total")
                {
                    return Self.callCounts(table)
                }
                try Clock.sleep(0.02)
            }
            throw Failure("strace has counted nothing")
        }
        let messages = Double((requests[1] - requests[0]) * clients * message.count)
        let each = counts[1].map { name, count in
            (name, (count - (counts[0][name] ?? 0)) / messages)
        }
        let frequent = each.filter { $0.1 >= 0.01 && $0.0 != "total" }.sorted { $0.1 > $1.1 }
        let total = each.first { $0.0 == "total" }?.1 ?? 0
        return [(.calls, total)] + frequent.map { (.call($0), $1) }
    }

    /// The counts in the table that `strace -c` prints: `% time, seconds, usecs/call, calls, ...`.
    static func callCounts(_ table: String) -> [String: Double] {
        var counts: [String: Double] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 5, let name = words.last, let count = Double(words[3]),
                Double(words[0]) != nil
            else { continue }
            counts[String(name)] = count
        }
        return counts
    }

    /// Allocations for a message; nothing where they cannot be counted (MallocCount).
    func allocations(_ program: Program, clients: Int, _ message: Message) throws -> Sample {
        #if canImport(Glibc)
            let file = FileManager.default.temporaryDirectory
                .appendingPathComponent("bench-\(UUID().uuidString)")
            try Data(count: 8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            var counted = program
            counted.environment["MALLOC_COUNT_FILE"] = file.path
            counted.environment["LD_PRELOAD"] =
                peers.appendingPathComponent("libMallocCount.so").path
            let server = try Server.start(counted)
            defer { server.stop() }
            var counts: [UInt64] = []
            let outcome = try Load(
                clients: clients, message: message, extent: .time(seconds, warmUp: seconds),
                threads: 1
            ).run(port: server.port) {
                let bytes = try Data(contentsOf: file)
                counts.append(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
            }
            guard outcome.messages > 0 else { throw Failure("no message was answered") }
            return [(.allocations, Double(counts[1] - counts[0]) / Double(outcome.messages))]
        #else
            return []
        #endif
    }
}
