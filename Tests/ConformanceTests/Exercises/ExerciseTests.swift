// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The reader's one command: `EXERCISE=4.2 swift test --filter Exercise`.
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
        switch exercise.judge() {
        case .solved:
            Progress.note("\(number) solved")
            print("\n\(name): solved.\n\(back(exercise))")
        case .open(_, let message):
            XCTFail(
                "\n\n\(name): not solved yet.\n\n\(message)\n\nTask and hints: \(exercise.page)\n")
        }
    }

    /// What is judged.
    private func subject(_ exercise: Exercise) -> String {
        exercise.kind.isAboutAnswers ? "your answers" : exercise.stage.name
    }

    /// How the stage becomes the workbook's again.
    private func back(_ exercise: Exercise) -> String {
        exercise.kind.isAboutAnswers
            ? ""
            : """
            Back to the workbook's own, without the files that you have added:
              git restore Package.swift \(exercise.stage.name) && git clean -f \(exercise.stage.name)

            """
    }
}
