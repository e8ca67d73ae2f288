// SPDX-License-Identifier: Apache-2.0

import XCTest

/// What learners read when a check fails, against servers that are wrong on purpose.
final class FailureMessageTests: XCTestCase {
    func testARightServerIsNotBlamed() throws {
        for behaviour in [Behaviour.twoInOneSegment, .everyByteValue, .halfCloseSmall] {
            let observation = try behaviour.observe(.nothing, .echo)
            XCTAssertNil(observation.symptom)
        }
        XCTAssertNil(try Behaviour.typicalFrame.observe(.nothing, .framed(.received)).symptom)
    }

    func testSwallowsAByte() throws {
        try expect(
            .typicalFrame, .swallowsAByte, .framed(.received),
            """
            The server fails: A frame gets one frame back, with its text.
            Instead: the server closes too early.

            What happened:
              1. client connects
              2. client sends 16 bytes: 00 00 00 0c 68 65 6c 6c 6f 2c 20 66 72 61 6d 65
              3. client shuts its write side
              4. client receives 34 bytes
              5. client reads end of stream: the server has closed

              expected 65 6c 6c 6f 2c 20 66 72 61 6d 65                 |ello, frame|
              received 65 6c 6c 6f 2c 20 66 72 61 6d                    |ello, fram|
                                                     ^^ byte 34 of 35: expected 65 'e', received nothing more

            Hint: Four bytes of length, the highest first, then that many bytes of payload.
            Read:  chapter 4, docs/4-framing.md
            """)
    }

    func testAnswersTwice() throws {
        try expect(
            .typicalFrame, .answersTwice, .framed(.gotIt),
            """
            The server fails: A frame gets one frame back, with its text.
            Instead: more comes back than was asked for.

            What happened:
              1. client connects
              2. client sends 16 bytes: 00 00 00 0c 68 65 6c 6c 6f 2c 20 66 72 61 6d 65
              3. client shuts its write side
              4. client receives 48 bytes
              5. client reads end of stream: the server has closed

              expected 6f 2c 20 66 72 61 6d 65                          |o, frame|
              received 6f 2c 20 66 72 61 6d 65 00 00 00 14 47 6f 74 20  |o, frame....Got | …
                                               ^^ byte 24 of 24: expected nothing more, received 00

            Hint: Four bytes of length, the highest first, then that many bytes of payload.
            Read:  chapter 4, docs/4-framing.md
            """)
    }

    func testAddsANewline() throws {
        try expect(
            .halfCloseSmall, .addsANewline, .echo,
            """
            The server fails: A client that sends 1 kB and shuts its write side gets all of it back, 100 times.
            Instead: more comes back than was asked for.

            What happened:
              1. client connects
              2. client sends 1000 bytes
              3. client shuts its write side
              4. client receives 1001 bytes
              5. client reads end of stream: the server has closed

              expected 77 74 63 6d 6e 69 78 72                          |wtcmnixr|
              received 77 74 63 6d 6e 69 78 72 0a                       |wtcmnixr.|
                                               ^^ byte 1000 of 1000: expected nothing more, received 0a

            Hint: End of stream means that the client has no more to say. It may still be listening.
            Read:  chapter 3, docs/3-async.md
            """)
    }

    func testNeverAnswers() throws {
        try expect(
            .typicalFrame, .neverAnswers, .framed(.gotIt),
            """
            The server fails: A frame gets one frame back, with its text.
            Instead: the server closes without an answer.

            What happened:
              1. client connects
              2. client sends 16 bytes: 00 00 00 0c 68 65 6c 6c 6f 2c 20 66 72 61 6d 65
              3. client shuts its write side
              4. client reads end of stream: the server has closed

              expected 00 00 00 14 47 6f 74 20 69 74 3a 20 68 65 6c 6c  |....Got it: hell| …
              received (nothing)
                       ^^ byte 0 of 24: expected 00, received nothing more

            Hint: Four bytes of length, the highest first, then that many bytes of payload.
            Read:  chapter 4, docs/4-framing.md
            """)
    }

    func testClosesEarly() throws {
        try expect(
            .everyByteValue, .closesEarly, .echo,
            """
            The server fails: Every byte value comes back as it was sent.
            Instead: the server closes too early.

            What happened:
              1. client connects
              2. client sends 256 bytes
              3. client shuts its write side
              4. client receives 128 bytes
              5. client reads end of stream: the server has closed

              expected 78 79 7a 7b 7c 7d 7e 7f 80 81 82 83 84 85 86 87  |xyz{|}~.........| …
              received 78 79 7a 7b 7c 7d 7e 7f                          |xyz{|}~.|
                                               ^^ byte 128 of 256: expected 80, received nothing more

            Hint: It closes before it has sent all that it owes: wait for each write, then close.
            Read:  chapter 2, docs/2-threads.md
            """)
    }

    func testWrongLength() throws {
        try expect(
            .typicalFrame, .wrongLength, .framed(.received),
            """
            The server fails: A frame gets one frame back, with its text.
            Instead: other bytes come back.

            What happened:
              1. client connects
              2. client sends 16 bytes: 00 00 00 0c 68 65 6c 6c 6f 2c 20 66 72 61 6d 65
              3. client shuts its write side
              4. client receives 35 bytes
              5. client reads end of stream: the server has closed

              expected 00 00 00 1f 52 65 63 65 69 76 65 64 20 31 32 20  |....Received 12 | …
              received 00 00 00 20 52 65 63 65 69 76 65 64 20 31 32 20  |... Received 12 | …
                                ^^ byte 3 of 35: expected 1f, received 20 ' '

            Hint: Four bytes of length, the highest first, then that many bytes of payload.
            Read:  chapter 4, docs/4-framing.md
            """)
    }

    private func expect(
        _ behaviour: Behaviour, _ fault: WrongServer.Fault, _ dialect: Dialect, _ message: String,
        line: UInt = #line
    ) throws {
        guard case .deviates(_, let report) = try behaviour.observe(fault, dialect) else {
            return XCTFail("The fault was not found.", line: line)
        }
        XCTAssertEqual(report, message, "\n\(report)\n", line: line)
    }
}
