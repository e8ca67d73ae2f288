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

    /// Begins with the rows of a stage that mostly wait, each on a thread, beside the others.
    ///
    /// - Parameters:
    ///   - stage: The stage.
    ///   - isWanted: Whether somebody will ask for a row.
    static func begin(_ stage: Stage, where isWanted: (Row) -> Bool) {
        for row in Row.all where row.behaviour.mostlyWaits && row.applies(to: stage) {
            guard isWanted(row) else { continue }
            let (pending, isOurs) = claim(row.behaviour, stage)
            guard isOurs else { continue }
            Thread.detachNewThread { pending.resolve(observe(row.behaviour, stage)) }
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
