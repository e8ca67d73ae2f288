// SPDX-License-Identifier: Apache-2.0

import XCTest

/// Answers are understood as editors write them.
final class AnswersTests: XCTestCase {
    /// Lines may end in \r\n, which is one Character.
    func testLinesMayEndAsTheEditorLikes() throws {
        let exercise = try XCTUnwrap(Exercise.numbered("2.3"))
        let questions = [
            Question.number("touched", in: 4...60, "KiB", advice: ""),
            Question.choice("why", "b", of: "abc", advice: ""),
        ]
        for end in ["\n", "\r\n", "\r"] {
            let text = [
                "# Your answers", "", "2.3 touched (KiB): 12 \t", "2.3 why (a, b, c): b", "",
            ]
            .joined(separator: end)
            let given = questions.map { Answers.answer(exercise, $0, in: text) }
            XCTAssertEqual(given, ["12", "b"], end.debugDescription)
        }
    }

    /// A question that isn't there is added; one without an answer isn't.
    func testNoAnswerIsNotNoQuestion() throws {
        let exercise = try XCTUnwrap(Exercise.numbered("2.3"))
        let question = Question.choice("why", "b", of: "abc", advice: "")
        XCTAssertNil(Answers.answer(exercise, question, in: ""))
        XCTAssertEqual(
            Answers.answer(exercise, question, in: "2.3 why (a, b, c): \r\n2.4 why (a): c"), "")
    }
}
