// The campaign's own tests. SPDX-License-Identifier: Apache-2.0

import XCTest

@testable import CampaignKit

/// That scripts are the same every time, and can be written down and read again.
final class ScriptTests: XCTestCase {
    /// Whatever is invented can be written in a line, and the line means the same.
    func testALineMeansTheScript() throws {
        for stage in Stage.allCases {
            let maker = ScriptMaker(stage: stage, seed: 7)
            for number in 1...500 {
                let script = maker.script(number)
                XCTAssertEqual(Script(script.line), script, script.line)
            }
        }
    }

    /// The same seed makes the same clients, and another one others.
    func testASeedMakesTheSameClients() {
        let first = ScriptMaker(stage: .framing, seed: 1)
        let again = ScriptMaker(stage: .framing, seed: 1)
        let other = ScriptMaker(stage: .framing, seed: 2)
        let numbers = 1...200
        XCTAssertEqual(numbers.map(first.script), numbers.map(again.script))
        XCTAssertNotEqual(numbers.map(first.script), numbers.map(other.script))
        XCTAssertGreaterThan(Set(numbers.map { first.script($0).line }).count, 190)
    }

    /// Who waits to be cut off says all before that, however long it takes.
    func testWhoIsCutOff() throws {
        XCTAssertEqual(Script("rude: announce 16777217 0; gone 4000")?.isCutOff, true)
        XCTAssertEqual(Script("rude: announce 16777217 0; close")?.isCutOff, false)
    }

    /// What isn't a script is refused.
    func testWhatIsNoScriptIsRefused() {
        for line in [
            "", "honest: ", "kind: say 1", "honest: sing 1", "honest: say", "honest: say -1",
        ] {
            XCTAssertNil(Script(line), line)
        }
    }
}

/// That the judge of bytes sees what is wrong.
final class OwedTests: XCTestCase {
    /// What an echo owes is the same bytes, whatever pieces they come in.
    func testAnEcho() {
        var owed = Owed(.echo)
        owed.add([1, 2, 3])
        XCTAssertNil(owed.take([1]))
        XCTAssertFalse(owed.isSettled)
        XCTAssertNil(owed.take([2, 3]))
        XCTAssertTrue(owed.isSettled)
        XCTAssertNotNil(owed.take([3]))
    }

    /// A byte in the wrong place is seen, and where.
    func testAWrongByte() {
        var owed = Owed(.echo)
        owed.add([1, 2, 3, 4])
        XCTAssertEqual(owed.take([1, 2, 4]), "0x04 as byte 2, where 0x03 is due")
    }

    /// Stage 2 may answer in as many parts as it reads, each with its prefix.
    func testPrefixes() {
        for reply in ["[echo] abcd", "[echo] ab[echo] cd", "[echo] a[echo] b[echo] c[echo] d"] {
            var owed = Owed(.prefixed)
            owed.add(Array("abcd".utf8))
            for byte in reply.utf8 { XCTAssertNil(owed.take([byte]), reply) }
            XCTAssertTrue(owed.isSettled, reply)
        }
        for reply in ["abcd", "[echo] [echo] abcd", "[echo] abce", "[Echo] abcd", "[echo]abcd"] {
            var owed = Owed(.prefixed)
            owed.add(Array("abcd".utf8))
            XCTAssertNotNil(owed.take(Array(reply.utf8)[...]), reply)
        }
        var owed = Owed(.prefixed)
        owed.add(Array("ab".utf8))
        XCTAssertNil(owed.take(Array("[echo] ab[echo] ".utf8)[...]))
        XCTAssertFalse(owed.isSettled, "a prefix that answers no read")
    }

    /// A reply is a frame of its own, with the length of the mended text.
    func testFrames() {
        XCTAssertEqual(
            Stage.framing.dialect.reply(to: [0x68, 0xff]),
            [0, 0, 0, 22] + Array("Received 2 bytes: h\u{fffd}".utf8))
        XCTAssertEqual(Stage.codec.dialect.reply(to: []), [0, 0, 0, 8] + Array("Got it: ".utf8))
        XCTAssertEqual(Dialect.header(16_777_217), [1, 0, 0, 1])
    }
}
