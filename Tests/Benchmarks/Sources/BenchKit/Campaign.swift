// A run of the benchmark: all that there is, or some of it. SPDX-License-Identifier: Apache-2.0

import Foundation

extension Bench {
    /// Every experiment, in the order of the chapter.
    public var experiments: [Experiment] {
        [
            instrument(), roundTrips(), blocking(), frames(), connections(), churn(), leaving(),
            growth(), async(), beneath(), settings(), stacks(), tasks(), buffers(), nagle(),
            backlog(), restart(), second(), largeFrame(), learnerLoop(),
        ]
    }

    /// Runs experiments, and shows what they find as they find it.
    ///
    /// - Parameters:
    ///   - selected: The experiments.
    ///   - rounds: How often each measurement is repeated.
    ///   - progress: Is told what comes next.
    ///   - show: Is told what was found, after each experiment.
    /// - Returns: How many rows have failed.
    /// - Throws: `Interruption`, or what `show` throws.
    public func run(
        _ selected: [Experiment], rounds: Int, progress: (String) -> Void,
        show: (Report) throws -> Void
    ) throws -> Int {
        var report = Report(self, rounds: rounds)
        let total = selected.reduce(0) { $0 + $1.cases.count * ($1.runsOnce ? 1 : rounds) }
        let start = Clock.now
        var step = 0
        for experiment in selected {
            let finding = try experiment.run(rounds: rounds) { what in
                step += 1
                progress("[\(step)/\(total), \(Int(Clock.seconds(since: start))) s] \(what)")
            }
            report.findings.append(finding)
            try show(report)
        }
        return report.findings.flatMap(\.rows).filter { $0.failure != nil }.count
    }
}

/// Raises the number of descriptors that we, and the servers we start, may have open.
public func raiseDescriptorLimit() {
    var limit = rlimit()
    #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        let resource = RLIMIT_NOFILE
    #endif
    getrlimit(resource, &limit)
    // Darwin refuses more than this, whatever the hard limit says.
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(resource, &limit)
}
