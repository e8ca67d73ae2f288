// The load: many clients, each with one request under way, on as many threads as it is given.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Histogram

/// What is done to a server.
public struct Load: Sendable {
    /// When it ends.
    public enum Extent: Sendable {
        /// After a time that is measured, in seconds, behind one that is not.
        case time(Double, warmUp: Double)
        /// After so many requests of every client.
        case requests(Int)
    }

    /// How many clients.
    var clients: Int
    /// What each of them sends, again as soon as the answer is complete.
    var message: Message
    /// When it ends.
    var extent: Extent
    /// How many threads of ours drive the clients.
    var threads: Int
    /// Whether a client waits until it is connected before the next one tries.
    var connectsInARow = true

    /// Creates a load.
    public init(clients: Int, message: Message, extent: Extent, threads: Int) {
        self.clients = clients
        self.message = message
        self.extent = extent
        self.threads = threads
    }

    /// What came of it.
    public struct Outcome {
        /// Messages that were answered completely, in the time that is measured.
        public var messages = 0
        /// That time, in seconds.
        public var seconds = 0.0
        /// From a request's first byte to the last byte of its answer, in nanoseconds.
        public var latency = Load.emptyHistogram
        /// Our own processor time meanwhile, in seconds.
        public var loadCPU = 0.0

        /// Notes the processor time that we use while `body` runs.
        fileprivate mutating func measureLoad(_ body: () throws -> Void) rethrows {
            let start = Clock.nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID)
            try body()
            loadCPU = Double(Clock.nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) - start) / 1e9
        }
    }

    /// Up to a minute, to three digits.
    static var emptyHistogram: Histogram<UInt64> {
        Histogram(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
    }

    /// Connects, and drives the connections; calls `observe` when the measured time begins and ends.
    public func run(port: Int, observe: () throws -> Void = {}) throws -> Outcome {
        let start = Clock.now
        let descriptors = try Connection.open(clients, to: port, waiting: connectsInARow)
        defer { Connection.closeAll(descriptors) }
        return try run(on: descriptors, since: start, observe: observe)
    }

    /// Drives connections that are there already; they stay open.
    func run(
        on descriptors: [Int32], since start: UInt64, observe: () throws -> Void = {}
    ) throws -> Outcome {
        let requests: Int
        let window: Range<UInt64>
        switch extent {
        case .time(let seconds, let warmUp):
            requests = .max
            let begin = Clock.now + UInt64(warmUp * 1e9)
            window = begin..<begin + UInt64(seconds * 1e9)
        case .requests(let count):
            requests = count
            window = start..<UInt64.max
        }
        // Every thread gets every n-th client.
        let workers = try (0..<min(threads, clients)).map { first in
            let share = stride(from: first, to: descriptors.count, by: min(threads, clients))
            return try Worker(
                share.map { descriptors[$0] }, message: message, requests: requests, window: window)
        }
        let group = DispatchGroup()
        for worker in workers {
            group.enter()
            Thread.detachNewThread {
                worker.run()
                group.leave()
            }
        }
        // Threads that still run would use descriptors that the caller closes.
        defer { group.wait() }

        var outcome = Outcome()
        if case .time(let seconds, let warmUp) = extent {
            try Clock.sleep(warmUp)
            try outcome.measureLoad {
                try observe()
                try Clock.sleep(Double(window.upperBound) / 1e9 - Double(Clock.now) / 1e9)
            }
            outcome.seconds = seconds
        } else {
            try outcome.measureLoad {
                try observe()
                group.wait()
            }
            outcome.seconds = Clock.seconds(since: start)
        }
        try observe()
        group.wait()
        for worker in workers {
            if let failure = worker.failure { throw failure }
            outcome.messages += worker.messages
            outcome.latency.add(worker.latency)
        }
        return outcome
    }
}
