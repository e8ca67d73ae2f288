// SPDX-License-Identifier: Apache-2.0

/// 3.3 Five seconds of sleep.
enum Exercise3_3 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.measure([
        .waiting("sleep", 9) { count in
            switch count {
            case 39: "Everybody? With four event loops it is fewer; did it have four?"
            case 19: "That is right for two event loops. Start the server with four."
            case 10: "Is the one who sleeps among them? The question is about the others."
            default: "Each was answered once before. Then one says z, and all others speak."
            }
        },
        .waiting("Task.sleep", 0) { _ in
            "Does the line say await, and has the server been built and started anew?"
        },
        .choice(
            "why", "c", of: "abc",
            advice: "Who else had to wait, and what do they share with the one who sleeps?"),
    ])
}

extension Question {
    /// How many clients wait, on a server with four event loops.
    fileprivate static func waiting(
        _ key: String, _ right: Int, advice: @escaping @Sendable (Int) -> String
    ) -> Question {
        Question(key: key, form: "clients") { answer in
            guard let number = answer.split(separator: " ").first, let count = Int(number) else {
                return "A number of clients is expected."
            }
            return count == right ? nil : advice(count)
        }
    }
}
