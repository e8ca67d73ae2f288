// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The reader's one command: `docs/workbook check 4.2`, or `EXERCISE=4.2 swift test --filter Exercise`.
final class ExerciseTests: XCTestCase {
    /// Judges the exercise that the environment names; without one, lists all of them.
    func testExercise() {
        let number = ProcessInfo.processInfo.environment["EXERCISE"] ?? ""
        if number.isEmpty { return print(Progress.overview) }
        guard let exercise = Exercise.numbered(number) else {
            return XCTFail("\n\nThere is no exercise \(number).\n\(Progress.overview)")
        }
        let name = "\(exercise.number) \(exercise.title)"
        print("\n\(name): checking \(subject(exercise)) …")
        Progress.note("\(number) tried")
        let verdict = exercise.judge()
        Events.add(verdict)
        switch verdict {
        case .solved(let remark):
            Progress.note("\(number) solved")
            print(
                "\n\(name): solved.\n\(remark)\nBack to the workbook's own: docs/workbook reset \(number)"
            )
        case .open(_, let message):
            XCTFail(
                "\n\n\(name): not solved yet.\n\n\(message)\n\nTask and hints: \(exercise.page.path)\n"
            )
        }
    }

    /// What is judged.
    private func subject(_ exercise: Exercise) -> String {
        exercise.kind.isAboutAnswers ? "your answers" : exercise.stage.name
    }
}
