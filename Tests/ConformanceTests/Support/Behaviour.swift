// SPDX-License-Identifier: Apache-2.0

/// One thing a client does, and what a good server makes of it.
///
/// Knows no stage: what is particular to one is in its dialect.
struct Behaviour: Sendable {
    /// What kind of behaviour it is: a section of the matrix.
    enum Family: String, CaseIterable, Sendable {
        case bytes = "Bytes"
        case neighbours = "Neighbours"
        case frames = "Frames"
        case rude = "Rude clients"
        case resources = "Resources and command line"
        case shutdown = "Shutdown"
    }

    /// Whom it concerns: for a reader's own program, rows about the console only report.
    enum Side: Sendable {
        case wire
        case console
    }

    /// The section of the matrix.
    let family: Family
    /// What holds, in plain words: a row of the matrix.
    let title: String
    /// The stage whose chapter explains it.
    let chapter: Stage
    /// What to look at first when it does not hold.
    let hint: String
    /// Whom it concerns.
    var side = Side.wire
    /// Whether it is a matter of waiting, so that others can be acted out meanwhile.
    var mostlyWaits = false
    /// Acts it out; returns if it holds, throws a `Deviation` if it does not.
    let run: @Sendable (Lab) throws -> Void
}

/// A behaviour that does not hold: what happened instead.
struct Deviation: Error, Equatable {
    /// What happened instead, in plain words without figures: what the matrix says in that cell.
    let symptom: String
    /// What makes it visible: bytes, figures, lines.
    var evidence = ""
    /// What to look at first, if it is something else than for the behaviour as a whole.
    var hint: String?
    /// Whether a plain question got no answer, or a wrong one, whatever the behaviour is about.
    var isAboutPlainAnswers = false

    init(_ symptom: String, _ evidence: String = "", hint: String? = nil) {
        self.symptom = symptom
        self.evidence = evidence
        self.hint = hint
    }
}

/// What a behaviour turned out to be.
enum Observation: Sendable {
    case holds
    /// It does not hold; the report is for whoever wants it to.
    case deviates(symptom: String, report: String)

    /// What happened instead, if it does not hold.
    var symptom: String? {
        if case .deviates(let symptom, _) = self { symptom } else { nil }
    }
}

extension Behaviour {
    /// Acts the behaviour out against a program and says what came of it.
    ///
    /// - Parameters:
    ///   - program: The program to judge.
    ///   - name: What reports call it.
    ///   - dialect: How it is talked to.
    ///   - stage: The stage whose reader is told; nil if it is nobody's.
    /// - Returns: What was observed; whatever was started has been stopped.
    func observe(
        _ program: Program, name: String, dialect: Dialect, stage: Stage? = nil
    ) -> Observation {
        let lab = Lab(program: program, dialect: dialect, judgesConsole: !program.isForeign)
        return observe(in: lab, name: name, stage: stage)
    }

    /// Acts the behaviour out in a lab that has been set up.
    func observe(in lab: Lab, name: String, stage: Stage? = nil) -> Observation {
        defer { lab.cleanUp() }
        Patience.begin(with: lab.hasProcess ? lab.program.path : nil)
        do {
            try run(lab)
            try lab.checkAftermath()
            return .holds
        } catch {
            let deviation =
                error as? Deviation ?? Deviation(Symptom.notCarriedOut, "  \(error)")
            let report = Report(
                behaviour: self, name: name, stage: stage, deviation: deviation, crash: lab.crash,
                story: lab.timeline.text, errors: lab.lastErrors)
            return .deviates(symptom: report.symptom, report: report.text)
        }
    }
}
