// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something to measure, to explain or to find out.
struct Question: Sendable {
    /// Its name in the file of answers.
    let key: String
    /// What form an answer has; it stands in the file, in brackets.
    let form: String
    /// What there is to say against an answer; nil if it is right.
    let complaint: @Sendable (String) -> String?

    /// A question whose answer is a number, with or without its unit.
    ///
    /// - Parameters:
    ///   - key: Its name in the file of answers.
    ///   - range: What is right.
    ///   - unit: The unit.
    ///   - advice: What helps whoever is outside the range.
    /// - Returns: The question.
    static func number(
        _ key: String, in range: ClosedRange<Double>, _ unit: String, advice: String
    ) -> Question {
        Question(key: key, form: unit) { answer in
            let text = answer.replacingOccurrences(of: ",", with: ".")
            let digits = text.prefix { $0.isNumber || $0 == "." }
            let rest = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
            guard let value = Double(digits), rest.isEmpty || rest == unit else {
                return "A number is expected, in \(unit)."
            }
            return range.contains(value) ? nil : advice
        }
    }

    /// A question whose answer is one of the letters that its text offers.
    ///
    /// - Parameters:
    ///   - key: Its name in the file of answers.
    ///   - right: The letter that is right.
    ///   - letters: All that its text offers.
    ///   - advice: What helps whoever has chosen another one,
    ///   - instead: and what helps better, for some of them.
    /// - Returns: The question.
    static func choice(
        _ key: String, _ right: Character, of letters: String, advice: String,
        instead: [Character: String] = [:]
    ) -> Question {
        let form = letters.map(String.init).joined(separator: ", ")
        return Question(key: key, form: form) { answer in
            guard answer.count == 1, let letter = answer.lowercased().first,
                letters.contains(letter)
            else { return "One of these letters is expected: \(form)." }
            return letter == right ? nil : instead[letter] ?? advice
        }
    }
}

/// The one file for what readers measure and find out.
enum Answers {
    /// The file, from the root of the package; not under version control, it is the reader's.
    static let path = "docs/exercises/answers.txt"
    /// Where it is.
    private static let file = Stage.package.appendingPathComponent(path)

    /// Judges all answers to an exercise; adds its questions to the file if they are not there.
    static func judge(_ exercise: Exercise, _ questions: [Question]) -> Verdict {
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let given = questions.map { answer(exercise, $0, in: text) }
        if given.contains(where: { $0?.isEmpty ?? true }) {
            add(exercise, zip(questions, given).filter { $0.1 == nil }.map(\.0))
            return .open(
                symptom: exercise.kind.untouched,
                message: """
                    Write your answers after the colons in \(path), where they are asked for:

                    \(questions.map { "  " + line(exercise, $0) }.joined(separator: "\n"))
                    """)
        }
        let complaints = zip(questions, given).compactMap { question, answer in
            question.complaint(answer ?? "").map { "  \(question.key): \(answer ?? "")\n    \($0)" }
        }
        if complaints.isEmpty { return .solved() }
        return .open(
            symptom: "an answer is not right",
            message: """
                Not right yet, in \(path):

                \(complaints.joined(separator: "\n"))
                """)
    }

    /// What stands in a text behind the question's colon; nil if the question is not in it.
    static func answer(_ exercise: Exercise, _ question: Question, in text: String) -> String? {
        let start = line(exercise, question)
        return text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(start) }
            .map { $0.dropFirst(start.count).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// What the file says to a question; nil if it is not in it.
    static func given(_ exercise: Exercise, _ question: Question) -> String? {
        answer(exercise, question, in: (try? String(contentsOf: file, encoding: .utf8)) ?? "")
    }

    /// A question as it stands in the file, up to its colon.
    private static func line(_ exercise: Exercise, _ question: Question) -> String {
        "\(exercise.number) \(question.key) (\(question.form)):"
    }

    /// Adds questions to the end of the file, and before them what helps to answer.
    static func add(_ exercise: Exercise, _ questions: [Question], remarks: [String] = []) {
        guard !questions.isEmpty else { return }
        let opening = "# Your answers, after the colons. The questions: docs/exercises/\n"
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? opening
        let notes = remarks.map { "#\($0)\n" }.joined()
        let lines = notes + questions.map { line(exercise, $0) + " \n" }.joined()
        do {
            try "\(text)\n# \(exercise.title)\n\(lines)"
                .write(to: file, atomically: true, encoding: .utf8)
        } catch {
            print("\(path) cannot be written: \(error)")
        }
    }
}
