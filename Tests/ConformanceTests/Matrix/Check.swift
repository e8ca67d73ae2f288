// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import XCTest

extension XCTestCase {
    /// Checks one cell: what the stage does has to be what it declares.
    ///
    /// The first that is not is told in full, all others in a line: most have the same cause.
    func check(
        _ behaviour: Behaviour, _ stage: Stage, file: StaticString = #filePath, line: UInt = #line
    ) {
        guard let row = Row.of(behaviour) else {
            return XCTFail("\"\(behaviour.title)\" is not declared", file: file, line: line)
        }
        let isForeign = stage.program().isForeign
        let observation = Observations.of(behaviour, stage)
        guard let complaint = row.complaint(about: observation, stage, isForeign: isForeign) else {
            if isForeign, let symptom = observation.symptom {
                print("note: \"\(behaviour.title)\": \(symptom)")
            }
            return
        }
        let isFirst = RedList.add(row, complaint, stage)
        let message = isFirst ? "\n\n\(complaint.report)\n" : complaint.summary
        XCTFail(message, file: file, line: line)
    }
}

/// What happens before the first test of a stage and after the last.
enum StageRun {
    /// Begins with what mostly waits, as far as it is asked for.
    static func begin(_ stage: Stage) {
        // With `--filter`, the tests are named: CLASS/METHOD, separated by commas.
        let named = CommandLine.arguments.flatMap { $0.split(separator: ",") }
            .filter { $0.contains("/test") }
        let file = StageFile(stage: stage)
        Observations.begin(stage) { row in
            guard !named.isEmpty, let test = StageFile.test(of: row) else { return true }
            return named.contains { $0.hasSuffix("\(file.className)/\(test)") }
        }
    }

    /// Leaves no server behind, and says which rows are red.
    static func end(_ stage: Stage) {
        Observations.finish()
        RedList.report(stage)
    }
}
