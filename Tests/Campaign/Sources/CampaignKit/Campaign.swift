// A campaign against one stage: clients for a while, then a look at what they have left behind.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a campaign does.
public struct Plan: Sendable {
    /// The stage.
    public let stage: Stage
    /// The program that is put to it.
    public let program: URL
    /// What all clients come from.
    public var seed: UInt64
    /// For how long clients come, in seconds.
    public var seconds: Double
    /// How many of them at once.
    public var clients: Int
    /// Whether a sanitizer is in the program, which uses memory and time of its own.
    public var isSanitized = false
    /// What the program's system calls meet, if they aren't left alone.
    public var interference: Interference?
    /// How long an honest client waits for anything to happen, in seconds.
    var patience: Double
    /// How long what is left over may take to go, in milliseconds.
    var restTime = 4_000.0

    /// Creates a plan; without a number of clients, as many as suit the stage.
    public init(
        _ stage: Stage, program: URL, seed: UInt64, seconds: Double, clients: Int? = nil
    ) {
        self.stage = stage
        self.program = program
        self.seed = seed
        self.seconds = seconds
        self.clients = clients ?? stage.usualCrowd
        patience = stage.patience
    }
}

/// What a campaign has seen.
public struct Outcome: Sendable {
    /// How many honest clients have come.
    public internal(set) var honest = 0
    /// How many that break the wire format.
    public internal(set) var wrong = 0
    /// How many rude ones.
    public internal(set) var rude = 0
    /// What the process held before they came.
    public internal(set) var before = Usage()
    /// What it held when they had gone.
    public internal(set) var after = Usage()
    /// What it held meanwhile, every second, in a long campaign.
    public internal(set) var samples: [Sample] = []
    /// What was wrong; nothing, as a rule.
    public internal(set) var violations: [Violation] = []
    /// The scripts of those who were there when it was seen.
    var witnesses: [Script] = []
    /// The scripts of all who had been there.
    var everybody: [Script] = []
    /// Whether descriptors were scarce when it was seen.
    public internal(set) var isScarce = false
}

/// What a long campaign has seen, to be written down.
public struct LongRow: Codable, Sendable {
    /// When it was over: UTC, as ISO 8601 writes it.
    public let measured: String
    /// How many cores there were, for the server and for its clients.
    public let cores: Int
    /// The stage.
    public let stage: String
    /// What all clients came from.
    public let seed: UInt64
    /// How many of them were there at once.
    public let clients: Int
    /// How many honest ones came.
    public let honest: Int
    /// How many that break the wire format.
    public let wrong: Int
    /// How many rude ones.
    public let rude: Int
    /// What the process held before they came.
    public let before: Usage
    /// What it held when they had gone.
    public let after: Usage
    /// What it held meanwhile, every second.
    public let samples: [Sample]

    /// Takes what is to be written down of a campaign.
    public init(_ plan: Plan, _ outcome: Outcome) {
        measured = Date().formatted(.iso8601)
        cores = ProcessInfo.processInfo.activeProcessorCount
        (stage, seed, clients) = (plan.stage.name, plan.seed, plan.clients)
        (honest, wrong, rude) = (outcome.honest, outcome.wrong, outcome.rude)
        (before, after, samples) = (outcome.before, outcome.after, outcome.samples)
    }
}

/// Runs campaigns.
public enum Campaign {
    /// How many descriptors a server has when they are to run out: some for itself (an event loop a
    /// core, with three), and some forty for clients.
    private static func scarceDescriptors(_ stage: Stage) -> Int {
        stage.servesOneAtATime ? 5 : 42 + 3 * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Runs a campaign: three quarters of the time with descriptors in plenty, the rest without.
    public static func run(_ plan: Plan) throws -> Outcome {
        var outcome = Outcome()
        var number = 0
        for (isScarce, share) in [(false, 0.75), (true, 0.25)] {
            let seconds = plan.seconds * share
            outcome.add(try part(plan, isScarce: isScarce, seconds: seconds, last: &number))
            guard outcome.violations.isEmpty else { break }
        }
        return outcome
    }

    /// Runs a campaign with descriptors in plenty, and takes a sample every second.
    public static func long(_ plan: Plan) throws -> Outcome {
        var number = 0
        return try part(
            plan, isScarce: false, seconds: plan.seconds, recordsSamples: true, last: &number)
    }

    /// Runs a campaign with descriptors in plenty, against a server whose calls meet a fault.
    public static func hindered(_ plan: Plan, by interference: Interference) throws -> Outcome {
        var plan = plan
        plan.interference = interference
        if interference.fault.acceptError != nil {
            // After an accept that has failed, a server pauses, and all who come meanwhile wait.
            plan.patience *= 3
            plan.clients = min(plan.clients, 40)
        }
        var number = 0
        var outcome = try part(plan, isScarce: false, seconds: plan.seconds, last: &number)
        if outcome.violations.isEmpty {
            outcome.violations = try interference.violations(plan.stage)
        }
        return outcome
    }

    /// Lets random clients come for so many seconds, beginning with the number after `last`.
    private static func part(
        _ plan: Plan, isScarce: Bool, seconds: Double, recordsSamples: Bool = false,
        last number: inout Int
    ) throws -> Outcome {
        let maker = ScriptMaker(stage: plan.stage, seed: plan.seed)
        var end: Double?
        let first = number + 1
        var last = number
        var (outcome, witnesses) = try act(
            plan, isScarce: isScarce, recordsSamples: recordsSamples
        ) {
            // From the first of them on: a server may be slow to serve the guests before.
            let limit = end ?? Clock.now + seconds * 1e3
            end = limit
            guard Clock.now < limit else { return nil }
            last += 1
            return (last, maker.script(last))
        }
        number = last
        if !outcome.violations.isEmpty {
            outcome.witnesses = witnesses.filter { $0 > 0 }.sorted().map(maker.script)
            let hasNobodyCome = last < first
            outcome.everybody =
                hasNobodyCome ? guests(plan.stage) : (first...last).map(maker.script)
        }
        return outcome
    }

    /// Lets these clients come, as many at once as the plan says.
    public static func played(_ scripts: [Script], _ plan: Plan, isScarce: Bool) throws -> Outcome {
        var rest = scripts.enumerated().makeIterator()
        return try act(plan, isScarce: isScarce) {
            rest.next().map { (number: $0.offset + 1, script: $0.element) }
        }.outcome
    }

    /// What a server is started in.
    private static func surroundings(_ plan: Plan, isScarce: Bool) -> Surroundings {
        var surroundings = Surroundings()
        if isScarce { surroundings.descriptors = scarceDescriptors(plan.stage) }
        // So that what is freed is given back, and what is in use is what is held.
        surroundings.environment = [
            "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536",
            "MALLOC_ARENA_MAX": "2",
        ].merging(plan.interference?.environment ?? [:]) { $1 }
        return surroundings
    }

    /// Starts a server, lets clients come, and looks what they have left behind.
    private static func act(
        _ plan: Plan, isScarce: Bool, recordsSamples: Bool = false,
        next: () -> (number: Int, script: Script)?
    ) throws -> (outcome: Outcome, witnesses: [Int]) {
        let surroundings = surroundings(plan, isScarce: isScarce)
        var plan = plan
        if isScarce {
            // Who waits to be accepted waits until others have gone.
            plan.patience *= 3
            plan.clients = min(plan.clients, 90)
        }
        let server = try Server.listening(plan.program, in: surroundings)
        let crowd = Crowd(plan, server, isScarce: isScarce)
        try welcome(crowd)
        let quiet = Baseline(crowd)
        var outcome = Outcome(before: quiet.usage)
        var came: [(number: Int, script: Script)] = []
        if crowd.violations.isEmpty {
            crowd.before = plan.isSanitized ? nil : quiet.usage.resident
            crowd.recordsSamples = recordsSamples
            try crowd.run(atOnce: plan.clients) {
                let client = next()
                if let client { came.append(client) }
                return client
            }
        }
        outcome.violations = crowd.violations
        if outcome.violations.isEmpty {
            (outcome.after, outcome.violations) = quiet.compare(within: plan.restTime)
        }
        if outcome.violations.map(\.kind) == [.memory] {
            (outcome.after, outcome.violations) = try again(crowd, plan, came)
        }
        // What ends the process shows in the connections first.
        if server.waitForEnd(outcome.violations.isEmpty ? 0 : 300), let ending = server.ending {
            outcome.violations = [Violation(kind: .ended, what: "\(ending)")]
        }
        outcome.count(crowd)
        outcome.isScarce = isScarce
        return (outcome, crowd.witnesses)
    }

    /// Lets the same clients come once more, and looks what they have left behind besides.
    ///
    /// An allocator keeps some of what a crowd has used, for those who come next. What leaks, leaks again.
    private static func again(
        _ crowd: Crowd, _ plan: Plan, _ clients: [(number: Int, script: Script)]
    ) throws -> (Usage, [Violation]) {
        let first = Baseline(crowd)
        if crowd.before != nil { crowd.before = first.usage.resident }
        var rest = clients.makeIterator()
        try crowd.run(atOnce: plan.clients) { rest.next() }
        return first.compare(within: plan.restTime)
    }

    /// Lets guests come before anything is counted: what a process makes once, it makes for them,
    /// such as threads, pools, and room in its arenas.
    static func welcome(_ crowd: Crowd) throws {
        var guests = Self.guests(crowd.stage).enumerated().makeIterator()
        try crowd.run(atOnce: 20) {
            guests.next().map { (number: -$0.offset, script: $0.element) }
        }
    }

    /// Clients of every kind that are served before anything is counted.
    private static func guests(_ stage: Stage) -> [Script] {
        (0..<40).map { number in
            let steps: [Step] = [
                .say(20), .wait, .say(100_000), .wait, .pause(stage.servesOneAtATime ? 0 : 20),
                .shut,
                .end,
            ]
            return Script(.honest, seed: UInt64(number), steps)
        }
    }
}

extension Outcome {
    /// Notes who has come, and what the server held meanwhile.
    mutating func count(_ crowd: Crowd) {
        honest = crowd.counts[.honest] ?? 0
        wrong = crowd.counts[.wrong] ?? 0
        rude = crowd.counts[.rude] ?? 0
        samples = crowd.samples
    }

    /// Takes in what another part has seen.
    mutating func add(_ part: Outcome) {
        honest += part.honest
        wrong += part.wrong
        rude += part.rude
        // The first part's: the longer one.
        if before.descriptors == 0 { (before, after) = (part.before, part.after) }
        violations = part.violations
        witnesses = part.witnesses
        everybody = part.everybody
        isScarce = part.isScarce
    }
}
