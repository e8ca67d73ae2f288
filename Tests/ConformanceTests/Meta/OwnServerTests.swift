// SPDX-License-Identifier: Apache-2.0

import XCTest

/// A reader's own server in a stage's place: `STAGE4_SERVER=… swift test --filter Stage4`.
final class OwnServerTests: XCTestCase {
    func testTheEnvironmentNamesIt() {
        let program = Stage.framing.program(in: ["STAGE4_SERVER": "/usr/local/bin/mine"])
        XCTAssertEqual(program.path, "/usr/local/bin/mine")
        XCTAssertTrue(program.isForeign)
        XCTAssertFalse(Stage.codec.program(in: ["STAGE4_SERVER": "/mine"]).isForeign)
        XCTAssertFalse(Stage.framing.program(in: ["STAGE4_SERVER": ""]).isForeign)
    }

    func testItsWireIsJudged() {
        let program = Program(path: Stage.codec.ownProgram.path, isForeign: true)
        let observation = Behaviour.typicalFrame.observe(
            program, name: "mine", dialect: Stage.framing.dialect)
        XCTAssertEqual(complaint(.typicalFrame, .framing, observation)?.isEmpty, false)
    }

    func testItsConsoleIsOnlyReported() {
        // Without a port it prints nothing that the stages do.
        let program = Program(path: Stage.framing.ownProgram.path, isForeign: true)
        let good = Behaviour.typicalFrame.observe(
            program, name: "mine", dialect: Stage.framing.dialect)
        XCTAssertNil(complaint(.typicalFrame, .framing, good))
        let bad = Observation.deviates(symptom: "another line", report: "…")
        XCTAssertNil(complaint(.logLines, .framing, bad))
        XCTAssertNotNil(complaint(.typicalFrame, .framing, bad))
    }

    func testItMayDoBetterThanTheStage() {
        XCTAssertNil(complaint(.terminateIdle, .framing, .holds))
        let row = Row.of(.terminateIdle)
        let own = row?.complaint(about: .holds, .framing, isForeign: false)
        XCTAssertEqual(
            own?.report.contains("now holds"), true, "an improvement of ours has to be declared")
    }

    func testARightOnePassesWhereTheStageDoes() {
        let program = Program(path: Stage.framing.ownProgram.path, isForeign: true)
        for behaviour in [Behaviour.sameOutcome, .oneTooLong, .truncatedHeader, .terminateIdle] {
            let observation = behaviour.observe(
                program, name: "mine", dialect: Stage.framing.dialect)
            XCTAssertNil(complaint(behaviour, .framing, observation))
        }
    }

    func testAProgramThatDoesNotListenIsSaidSo() {
        let observation = Behaviour.typicalFrame.observe(
            Program(path: "/bin/echo", isForeign: true), name: "mine",
            dialect: Stage.framing.dialect)
        XCTAssertEqual(observation.symptom, Symptom.noStart)
    }

    private func complaint(
        _ behaviour: Behaviour, _ stage: Stage, _ observation: Observation
    ) -> String? {
        Row.of(behaviour).flatMap {
            $0.complaint(about: observation, stage, isForeign: true)?.report
        }
    }
}
