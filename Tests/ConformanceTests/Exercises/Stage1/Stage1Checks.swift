// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Question {
    /// A question whose answer is a state of a connection, as ss or lsof writes it.
    static func state(_ key: String, _ right: String) -> Question {
        Question(key: key, form: "a word") { answer in
            let word = String(answer.uppercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
            if word == right { return nil }
            if word.hasPrefix("FIN-WAIT") || word == "TIME-WAIT" {
                return "That is the client's end. Which line of ss has port 8080 on its left?"
            }
            return "The first column of ss -tan, in the line with port 8080 on its left."
        }
    }
}
