// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// Proves the exercises themselves, a step at a time; Tests/Solutions/prove takes the steps.
final class ProofTests: XCTestCase {
    /// Takes the step that the environment names: `list`, or what is to be shown of an exercise.
    func testProof() throws {
        let words = (ProcessInfo.processInfo.environment["PROVE"] ?? "").split(separator: " ")
        guard let step = words.first else { return }
        let numbers = words.dropFirst().map(String.init)
        for exercise in Exercise.all where numbers.isEmpty || numbers.contains(exercise.number) {
            switch step {
            case "list":
                print("exercise \(exercise.number) \(exercise.kind.name) \(exercise.stage.name)")
            case "untouched": try proveUntouched(exercise)
            case "started": proveStarted(exercise)
            case "restored": expect("it is the workbook's own", exercise)
            case "solved": proveSolved(exercise)
            case "wrong": proveWrong(exercise)
            default: XCTFail("PROVE=\(step)?")
            }
        }
    }

    /// Its check is red for the declared reason.
    private func proveUntouched(_ exercise: Exercise) throws {
        expect(exercise.kind.untouched, exercise, asProof: true)
        guard case .diagnose(let number, let behaviour, let red, _) = exercise.kind else { return }
        let mystery = try XCTUnwrap(Mystery.numbered(number), "there is no mystery \(number)")
        let symptom = try behaviour.observe(mystery.fault, mystery.dialect).symptom
        XCTAssertEqual(symptom, red, "\(exercise.number): mystery \(number)")
    }

    /// With the stage before in its place, the lesson's row is red for the lesson's reason.
    private func proveStarted(_ exercise: Exercise) {
        guard case .build(_, let red, _) = exercise.kind else { return }
        expect(red, exercise)
    }

    /// With the solution, the check is green, and the stage's rows are as declared.
    private func proveSolved(_ exercise: Exercise) {
        guard case .open(let symptom, let message) = exercise.judge(asProof: true) else {
            return
        }
        XCTFail("\(exercise.number), solved, is still red: \(symptom)\n\n\(message)\n")
    }

    /// With a solution that looks right, and is not, the check is red; what it says is printed.
    private func proveWrong(_ exercise: Exercise) {
        guard case .open(_, let message) = exercise.judge(asProof: true) else {
            return XCTFail("\(exercise.number) is judged solved")
        }
        print("\n\(exercise.number) \(exercise.title): red, as it should be.\n\n\(message)\n")
    }

    /// Its check is red for this reason.
    private func expect(_ symptom: String, _ exercise: Exercise, asProof: Bool = false) {
        guard case .open(let observed, let message) = exercise.judge(asProof: asProof) else {
            return XCTFail("\(exercise.number) is green before it is solved")
        }
        guard observed == symptom else {
            return XCTFail(
                "\(exercise.number) is red because: \(observed); not: \(symptom)\n\n\(message)\n")
        }
        print("\n\(exercise.number) \(exercise.title): red, as it should be.\n\n\(message)\n")
    }
}
