// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

/// The program of the stage before fails a stage's checks, and for the reason that the lesson names.
final class RedBeforeGreenTests: XCTestCase {
    func testStage1FailsStage2BecauseTheSecondClientWaits() {
        expectRed(.threads, Symptom.secondWaits)
    }

    func testStage2FailsStage3BecauseOfAThreadForEveryClient() {
        expectRed(.async, Symptom.threadPerClient)
    }

    func testStage3FailsStage4BecauseTwoMessagesAreNotAnsweredOneByOne() {
        expectRed(.framing, Symptom.otherBytes)
    }

    func testStage3FailsStage6BecauseThereIsNoFarewell() {
        expectRed(
            .shutdown, before: .async, Symptom.killed)
    }

    /// On the wire both do the same; what stage 4 lacks is a codec that needs no socket.
    ///
    /// Both programs are linked into the tests, so that the runtime knows all of their types.
    func testStage4FailsStage5BecauseThereIsNoCodecToTest() {
        XCTAssertNotNil(type("FrameCodec", of: .codec))
        XCTAssertNil(type("FrameCodec", of: .framing))
        // Not because nothing could be found there.
        XCTAssertNotNil(type("Console", of: .framing))
    }

    private func expectRed(
        _ stage: Stage, before: Stage? = nil, _ symptom: String, line: UInt = #line
    ) {
        guard let before = before ?? Stage(rawValue: stage.rawValue - 1),
            let behaviour = Row.lesson(of: stage)
        else {
            return XCTFail("no stage before \(stage.name)", line: line)
        }
        let observation = behaviour.observe(
            before.ownProgram, name: before.name, dialect: stage.dialect)
        XCTAssertEqual(observation.symptom, symptom, line: line)
    }

    /// The struct or enum with this name in the module of a stage.
    private func type(_ name: String, of stage: Stage) -> Any.Type? {
        let module = stage.name.replacing("-", with: "_")
        // A nominal type's symbol: each name behind its length, then V for a struct, O for an enum.
        let symbol = "\(module.count)\(module)\(name.count)\(name)"
        return _typeByName(symbol + "V") ?? _typeByName(symbol + "O")
    }
}
