// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the reader expects to turn red in a Break exercise, before anything is run.
///
/// It need not be right: who has written it down looks at the outcome with other eyes.
struct Prediction {
    /// The exercise.
    let exercise: Exercise
    /// The rows to choose from, in the order of their numbers.
    let titles: [String]
    /// What the reader has written; nil if the question has not been asked yet.
    private let answer: String?

    /// The question, as it stands in the file of answers.
    static let question = Question(key: "prediction", form: "numbers of rows") { _ in nil }

    /// Reads what the reader has written.
    init(_ exercise: Exercise) {
        self.init(exercise, answer: Answers.given(exercise, Self.question))
    }

    /// Takes an answer as it is.
    init(_ exercise: Exercise, answer: String?) {
        self.exercise = exercise
        self.answer = answer
        // What the stage does not promise anyway cannot be broken.
        titles = exercise.judgedRows.map(\.behaviour)
            .filter { exercise.declared($0).symptom == nil }.map(\.title)
    }

    /// The rows that the answer names.
    var predicted: [String] {
        Set(words.compactMap(number)).sorted().map { titles[$0 - 1] }
    }

    /// The words of the answer that name no row.
    var notUnderstood: [String] { words.filter { number($0) == nil } }

    /// The answer, word by word.
    private var words: [String] {
        (answer ?? "").split { $0.isWhitespace || ",;.".contains($0) }.map(String.init)
    }

    /// The number of a row, if the word is one.
    private func number(_ word: String) -> Int? {
        Int(word).flatMap { (1...titles.count).contains($0) ? $0 : nil }
    }

    /// What to say while there is no prediction; nil if there is one.
    func missing() -> Verdict? {
        let wrong = notUnderstood
        guard predicted.isEmpty || !wrong.isEmpty else { return nil }
        let rows = titles.enumerated().map { "  \($0 + 1)  \($1)" }
        if answer == nil {
            Answers.add(exercise, [Self.question], remarks: rows)
        }
        Events.add("asks", "prediction", "\(titles.count)")
        let complaint = """
            Not understood in \(Answers.path): \(wrong.joined(separator: " "))
            The rows have the numbers 1 to \(titles.count), with spaces between them.


            """
        return .open(
            symptom: wrong.isEmpty
                ? "there is no prediction" : "the prediction is not understood",
            message: (wrong.isEmpty ? "" : complaint) + """
                Before you look: which rows will turn red? Write their numbers after
                the colon in \(Answers.path). A wrong guess
                is worth as much as a right one.

                \(rows.joined(separator: "\n"))
                """)
    }

    /// Which rows have turned red, and which of them were expected.
    ///
    /// - Parameters:
    ///   - red: Those that have.
    ///   - byChance: Those for which a moment decides: they were not acted out.
    /// - Returns: A line for each, below one that sums them up.
    func comparison(with red: [String], byChance: [String] = []) -> String {
        let predicted = predicted
        let lines =
            red.map { "  red, \(predicted.contains($0) ? "as you said:" : "unexpected: ") \($0)" }
            + predicted.filter { !red.contains($0) }.map {
                byChance.contains($0)
                    ? "  red now and then, so it was not run: \($0)" : "  holds, unexpected: \($0)"
            }
        let right = red.filter(predicted.contains).count
        return "You expected \(right) of the \(red.count) rows that turned red:\n"
            + lines.joined(separator: "\n")
    }
}
