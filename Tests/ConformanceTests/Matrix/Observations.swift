// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What was observed in this run: every cell once, whoever asks first.
enum Observations {
    private struct Key: Hashable {
        let stage: Stage
        let title: String
    }

    private static let made = Mutex<[Key: Pending]>([:])

    /// What the stage's program makes of a behaviour.
    static func of(_ behaviour: Behaviour, _ stage: Stage) -> Observation {
        let (pending, isOurs) = claim(behaviour, stage)
        if isOurs { pending.resolve(observe(behaviour, stage)) }
        return pending.value
    }

    /// Begins with the rows of a stage, before anybody asks: a row needs a part of a processor only.
    ///
    /// Those that mostly wait have a thread each. One more takes the others from the last on, to
    /// meet whoever asks for them from the first on.
    ///
    /// - Parameters:
    ///   - stage: The stage.
    ///   - isWanted: Whether somebody will ask for a row.
    static func begin(_ stage: Stage, where isWanted: (Row) -> Bool) {
        let rows = Row.all.filter { $0.applies(to: stage) && isWanted($0) }
        // XCTest's order is that of the methods' names.
        let behaviours = rows.map { (StageFile.test(of: $0) ?? "", $0.behaviour) }
            .sorted { $0.0 < $1.0 }.map(\.1)
        for behaviour in behaviours where behaviour.mostlyWaits {
            let (pending, isOurs) = claim(behaviour, stage)
            guard isOurs else { continue }
            Thread.detachNewThread { pending.resolve(observe(behaviour, stage)) }
        }
        Thread.detachNewThread {
            for behaviour in behaviours.reversed() {
                let (pending, isOurs) = claim(behaviour, stage)
                if isOurs { pending.resolve(observe(behaviour, stage)) }
            }
        }
    }

    /// Waits until all that was begun has ended, and so have its servers.
    static func finish() {
        for pending in made.withLock({ Array($0.values) }) { _ = pending.value }
    }

    private static func claim(_ behaviour: Behaviour, _ stage: Stage) -> (Pending, isOurs: Bool) {
        let key = Key(stage: stage, title: behaviour.title)
        return made.withLock { made in
            if let pending = made[key] { return (pending, false) }
            let pending = Pending()
            made[key] = pending
            return (pending, true)
        }
    }

    private static func observe(_ behaviour: Behaviour, _ stage: Stage) -> Observation {
        let program = stage.program()
        let name = program.isForeign ? "\(program.path), as \(stage.name)," : stage.name
        return behaviour.observe(program, name: name, dialect: stage.dialect, stage: stage)
    }
}

/// An observation that may still be under way.
private final class Pending: @unchecked Sendable {
    private let condition = NSCondition()
    private var observation: Observation?

    /// The observation, as soon as it has been made.
    var value: Observation {
        condition.withLock {
            while true {
                if let observation { return observation }
                condition.wait()
            }
        }
    }

    /// Says what was observed.
    func resolve(_ value: Observation) {
        condition.withLock {
            observation = value
            condition.broadcast()
        }
    }
}
