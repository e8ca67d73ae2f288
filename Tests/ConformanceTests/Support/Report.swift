// SPDX-License-Identifier: Apache-2.0

/// What a reader is told of a behaviour that does not hold.
struct Report {
    /// What was expected.
    let behaviour: Behaviour
    /// What the server is called.
    let name: String
    /// The stage whose reader is told; nil if it is nobody's.
    let stage: Stage?
    /// What a client noticed.
    let deviation: Deviation
    /// How the server's process ended, if it ended without being meant to.
    let crash: String?
    /// The steps that led there.
    let story: String
    /// The last words on the server's standard error.
    let errors: String

    /// What happened, in the matrix's words.
    var symptom: String {
        // All that a client notices of an end, a reset or an end of stream, is a consequence.
        crash == nil ? deviation.symptom : Symptom.processGone
    }

    /// The message.
    var text: String {
        let beginning = "\(name) fails: \(behaviour.title).\nInstead: \(symptom).\n\n"
        return beginning + parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// What follows the symptom, in the order in which it helps.
    private var parts: [String] {
        let steps = story.isEmpty ? "" : "What happened:\n\(story)"
        let said = errors.isEmpty ? "" : "The server's standard error:\n\(errors)"
        if let crash {
            let words = errors.isEmpty ? "" : "Its last words on standard error:\n\(errors)"
            return ["  \(crash)", words, steps, "Hint: \(crashHint)\nRead:  \(chapter)"]
        }
        return [steps, deviation.evidence, said, "Hint: \(hint)\nRead:  \(chapter)"]
    }

    /// What to look at first.
    private var hint: String {
        if let hint = deviation.hint { return hint }
        if isCutOff {
            return "It closes before it has sent all that it owes: wait for each write, then close."
        }
        let isAboutAnswers = behaviour.family == .bytes || behaviour.family == .frames
        guard deviation.isAboutPlainAnswers, !isAboutAnswers else { return behaviour.hint }
        return "A plain question gets no answer, or a wrong one. Whatever else this row\n"
            + "      is about, begin with that: one message, one answer."
    }

    /// Whether bytes are missing because the connection was closed, whatever they are.
    private var isCutOff: Bool {
        let symptoms = [Symptom.closesWithoutAnswer, Symptom.closesEarly]
        return behaviour.family == .bytes && symptoms.contains(deviation.symptom)
    }

    /// What helps when the process has gone, whatever the behaviour is about.
    private var crashHint: String {
        "The whole server ended, not just one connection. Its last words say why;\n"
            + "      a signal without any is a trap of Swift's (4 or 5), a bad pointer (11),\n"
            + "      or SIGPIPE (13)."
    }

    /// Where to read on: a reader has not come to the chapters behind the own stage yet.
    private var chapter: String {
        guard let stage, stage != behaviour.chapter else { return behaviour.chapter.chapter }
        if isCutOff { return stage.chapter }
        if stage.rawValue < behaviour.chapter.rawValue { return stage.chapter }
        // Chapter 5 takes up the frames of chapter 4.
        let isTakenUp = behaviour.family == .frames
        return isTakenUp
            ? "\(stage.chapter); where it began: \(behaviour.chapter.chapter)"
            : behaviour.chapter.chapter
    }
}
