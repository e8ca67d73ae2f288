// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// Observes every cell of the matrix once, whoever asks first.
enum Laboratory {
    private struct Key: Hashable {
        let stage: Stage
        let title: String
    }

    private static let observations = Cache<Key, Observation>()

    /// What the stage's program makes of a behaviour.
    static func observe(_ behaviour: Behaviour, _ stage: Stage) -> Observation {
        observations.value(for: Key(stage: stage, title: behaviour.title)) {
            let program = stage.program()
            let name = program.isForeign ? "\(program.path), as \(stage.name)," : stage.name
            return behaviour.observe(program, name: name, dialect: stage.dialect)
        }
    }

    /// Compares an observation with the declaration; returns what there is to say if they differ.
    static func verdict(
        _ row: Row, _ stage: Stage, _ observation: Observation, isForeign: Bool
    ) -> String? {
        let cell = row.cell(stage)
        switch observation {
        case .holds:
            // A reader's own server may well do better.
            guard let symptom = cell.symptom, !isForeign else { return nil }
            return """
                \(stage.name) now holds "\(row.behaviour.title)".
                The matrix declares that it does not: \(symptom).
                If you meant to improve it: well done. Say so in Matrix/Declarations.swift.
                """
        case .deviates(let symptom, let report):
            if symptom == cell.symptom { return nil }
            // What is declared of the stage, or printed on its console, is no rule for a reader's.
            if isForeign, cell.symptom != nil || row.behaviour.side == .console { return nil }
            guard let declared = cell.symptom else { return report }
            return "\(report)\n\nThe matrix declares something else: \(declared)."
        }
    }
}

extension XCTestCase {
    /// Checks one cell: what the stage does has to be what it declares.
    func check(
        _ behaviour: Behaviour, _ stage: Stage, file: StaticString = #filePath, line: UInt = #line
    ) {
        guard let row = Row.of(behaviour) else {
            return XCTFail("\"\(behaviour.title)\" is not declared", file: file, line: line)
        }
        let isForeign = stage.program().isForeign
        let observation = Laboratory.observe(behaviour, stage)
        if let verdict = Laboratory.verdict(row, stage, observation, isForeign: isForeign) {
            XCTFail("\n\n\(verdict)\n", file: file, line: line)
        } else if isForeign, let symptom = observation.symptom {
            print("note: \"\(behaviour.title)\": \(symptom)")
        }
    }
}

/// Values that are made once.
final class Cache<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Key: Value] = [:]

    /// The value for a key, made now if it has not been made before.
    func value(for key: Key, make: () -> Value) -> Value {
        if let value = lock.withLock({ values[key] }) { return value }
        let value = make()
        lock.withLock { values[key] = value }
        return value
    }
}
