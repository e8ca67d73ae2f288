// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import XCTest

/// What carries all checks: limits of time, rows that are repeated, predictions.
final class FrameworkTests: XCTestCase {
    /// What takes for ever is ended, with its server, and the message names the limit.
    func testWhatTakesForEverIsEnded() throws {
        let box = ExitBox()
        var observation = Observation.holds
        let time = seconds {
            observation = Limit.observe("It is over some day", within: 0.5) {
                let server = try? Server.listening(Stage.sync.ownProgram)
                box.set(server?.waitForExit(by: Deadline(in: 60)))
                return .holds
            }
        }
        XCTAssertEqual(box.value, .signalled(SIGKILL))
        XCTAssertLessThan(time, 10 * Deadline.multiplier)
        guard case .deviates(let symptom, let report) = observation else {
            return XCTFail("it was not ended")
        }
        XCTAssertEqual(symptom, Limit.symptom)
        XCTAssertTrue(report.contains("It is over some day"), report)
        // The next check is not ended before it has begun.
        let next = try Server.listening(Stage.sync.ownProgram)
        XCTAssertTrue(next.isRunning)
        next.stop()
    }

    /// A row that was red once, beside another one, and holds alone, is no mistake of the reader's.
    func testRowsAreRepeatedAlone() throws {
        let counter = Counter()
        let once = behaviour("red the first time") { _ in
            if counter.next() == 1 { throw Deviation("it was disturbed") }
        }
        let exercise = Exercise(.sync, 1, .extend(once, red: ""))
        let verdict = exercise.judge([row(once), row(behaviour("fine") { _ in })])
        XCTAssertNil(verdict.symptom)
        XCTAssertEqual(counter.next(), 3)
        let always = behaviour("always red") { _ in throw Deviation("it is broken") }
        XCTAssertEqual(exercise.judge([row(always)]).symptom, "it is broken")
    }

    /// A prediction names rows by their numbers, and is compared with what has turned red.
    func testPredictionIsCompared() throws {
        let exercise = try XCTUnwrap(Exercise.all.first { $0.kind.name == "Break" })
        let titles = Prediction(exercise, answer: nil).titles
        let prediction = Prediction(exercise, answer: "3, 2 3")
        XCTAssertEqual(prediction.predicted, [titles[1], titles[2]])
        XCTAssertEqual(prediction.notUnderstood, [])
        XCTAssertNil(prediction.missing())
        XCTAssertEqual(
            prediction.comparison(with: [titles[1], titles[4]]),
            """
            You expected 1 of the 2 rows that turned red:
              red, as you said: \(titles[1])
              red, unexpected:  \(titles[4])
              holds, unexpected: \(titles[2])
            """)
    }

    /// What is no row's number is named, and asked for again.
    func testPredictionIsUnderstoodOrNot() throws {
        let exercise = try XCTUnwrap(Exercise.all.first { $0.kind.name == "Break" })
        let prediction = Prediction(exercise, answer: "2 x 999 0 -1")
        XCTAssertEqual(prediction.notUnderstood, ["x", "999", "0", "-1"])
        guard case .open(let symptom, let message) = prediction.missing() else {
            return XCTFail("a part of it is ignored")
        }
        XCTAssertEqual(symptom, "the prediction is not understood")
        XCTAssertTrue(message.hasPrefix("Not understood in "), message)
        XCTAssertTrue(message.contains(": x 999 0 -1\n"), message)
        XCTAssertEqual(
            Prediction(exercise, answer: "").missing()?.symptom, "there is no prediction")
    }

    /// A row that every stage has to show.
    private func row(_ behaviour: Behaviour) -> Row {
        Row(behaviour, .holds, .holds, .holds, .holds, .holds, .holds)
    }

    /// A behaviour that is nobody's.
    private func behaviour(_ title: String, _ run: @escaping @Sendable (Lab) throws -> Void)
        -> Behaviour
    {
        Behaviour(family: .bytes, title: title, chapter: .sync, hint: "", run: run)
    }
}

/// How a server has ended, for another thread.
private final class ExitBox: Sendable {
    private let status = Mutex(ExitStatus?.none)
    /// How; nil until it has.
    var value: ExitStatus? { status.withLock { $0 } }
    /// Sets it.
    func set(_ value: ExitStatus?) { status.withLock { $0 = value } }
}

/// Counts, on any thread.
private final class Counter: Sendable {
    private let count = Mutex(0)
    /// One more than the last time.
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
