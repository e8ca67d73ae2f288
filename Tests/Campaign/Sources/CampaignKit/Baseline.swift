// What a process holds when nobody is there. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a process held before its clients came, to be compared with what it holds behind them.
struct Baseline {
    /// The clients and their server.
    let crowd: Crowd
    /// What the process held.
    let usage: Usage

    /// How long it may take until all have gone: a refused client is kept for 2 s.
    private static let patience = 6_000.0
    /// What may be left over of memory, in bytes: what an allocator keeps between what is in use; nil
    /// if memory isn't judged.
    private let memory: Int?

    /// Looks at a process that has come to rest.
    init(_ crowd: Crowd, memory: Int? = 12 << 20) {
        self.crowd = crowd
        self.memory = memory
        Self.rest(crowd)
        usage = Usage.of(crowd.server.pid)
    }

    /// Waits until the log shows the end of everybody.
    private static func rest(_ crowd: Crowd) {
        let deadline = Clock.now + patience
        crowd.readLog()
        while crowd.missing > 0, Clock.now < deadline, !crowd.server.hasEnded {
            crowd.server.output.waitForMore(20)
            crowd.readLog()
        }
        Clock.letPass(20)
    }

    /// What the process holds now, and what of that shouldn't be.
    func compare(within limit: Double) -> (Usage, [Violation]) {
        Self.rest(crowd)
        guard crowd.violations.isEmpty else {
            return (Usage.of(crowd.server.pid), crowd.violations)
        }
        let deadline = Clock.now + limit
        while true {
            let now = Usage.of(crowd.server.pid)
            let wrong = crowd.isSanitized ? reported : violations(now) + idleViolations()
            if wrong.isEmpty || Clock.now > deadline { return (now, wrong) }
            Clock.letPass(100)
            crowd.readLog()
        }
    }

    /// What a sanitizer has reported, whole: the lines belong together.
    private var reported: [Violation] {
        guard !crowd.reports.isEmpty else { return [] }
        let lines = crowd.reports.joined(separator: "\n    ")
        return [Violation(kind: .complaint, what: "\n    " + lines)]
    }

    /// What is left over.
    private func violations(_ now: Usage) -> [Violation] {
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        // Pools of threads grow when there is a lot to do, and keep what they have.
        let threads = crowd.stage == .sync || crowd.stage == .threads ? 0 : 2 * cores + 8
        // Of threads that have ended, glibc keeps stacks of 40 MiB together for the next ones: 320 of
        // stage 2's, each with a guard, which is a mapping of its own.
        let mappings = 40 + (crowd.stage == .threads ? 2 * 320 : 4 * threads)
        var found: [Violation] = []
        func judge(_ kind: Violation.Kind, _ now: Int, _ before: Int, allowed: Int, _ noun: String)
        {
            guard now > before + allowed else { return }
            let margin = allowed > 0 ? ", and \(allowed) more would be allowed" : ""
            found.append(Violation(kind: kind, what: "\(now) \(noun), before: \(before)\(margin)"))
        }
        judge(.descriptors, now.descriptors, usage.descriptors, allowed: 0, "descriptors")
        judge(.threads, now.threads, usage.threads, allowed: threads, "threads")
        judge(.mappings, now.mappings, usage.mappings, allowed: mappings, "mappings")
        if let memory, now.resident > usage.resident + memory {
            let what =
                "\(mebibytes(now.resident)), before: \(mebibytes(usage.resident)), and "
                + "\(mebibytes(memory)) more would be allowed"
            found.append(Violation(kind: .memory, what: what))
        }
        if crowd.missing != 0 {
            let what = "\(crowd.missing) more have come than gone"
            found.append(Violation(kind: .unequal, what: what))
        }
        return found
    }

    /// Whether the process computes though nobody is there.
    private func idleViolations() -> [Violation] {
        let pid = crowd.server.pid
        let before = Usage.processorTime(pid)
        Clock.letPass(150)
        let used = Usage.processorTime(pid) - before
        guard used > 15 else { return [] }
        let what = "\(Int(used)) ms of processor time in 150 ms"
        return [Violation(kind: .busy, what: what)]
    }
}
