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
    /// Where the workbook explains it.
    let chapter: Chapter
    /// What to look at first when it does not hold.
    let hint: String
    /// Whom it concerns.
    var side = Side.wire
    /// Acts it out; returns if it holds, throws a `Deviation` if it does not.
    let run: @Sendable (Lab) throws -> Void
}

/// A chapter of the workbook.
enum Chapter: Int, Sendable {
    case sync = 1
    case threads
    case async
    case framing
    case codec
    case shutdown

    /// How a failure message names it.
    var title: String {
        switch self {
        case .sync: "chapter 1, docs/1-sync.md"
        case .threads: "chapter 2, docs/2-threads.md"
        case .async: "chapter 3, docs/3-async.md"
        case .framing: "chapter 4, docs/4-framing.md"
        case .codec: "chapter 5, docs/5-codec.md"
        case .shutdown: "chapter 6, docs/6-shutdown.md"
        }
    }
}

/// A behaviour that does not hold: what happened instead.
struct Deviation: Error, Equatable {
    /// What happened instead, in plain words without figures: what the matrix says in that cell.
    let symptom: String
    /// What makes it visible: bytes, figures, lines.
    var evidence = ""

    init(_ symptom: String, _ evidence: String = "") {
        self.symptom = symptom
        self.evidence = evidence
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
    /// - Returns: What was observed; whatever was started has been stopped.
    func observe(_ program: Program, name: String, dialect: Dialect) -> Observation {
        let lab = Lab(program: program, dialect: dialect, judgesConsole: !program.isForeign)
        return observe(in: lab, name: name)
    }

    /// Acts the behaviour out in a lab that has been set up.
    func observe(in lab: Lab, name: String) -> Observation {
        defer { lab.cleanUp() }
        do {
            try run(lab)
            try lab.checkAftermath()
            return .holds
        } catch let deviation as Deviation {
            return deviates(deviation, name, lab)
        } catch {
            return deviates(
                Deviation("the check could not be carried out", "  \(error)"), name, lab)
        }
    }

    private func deviates(_ deviation: Deviation, _ name: String, _ lab: Lab) -> Observation {
        var deviation = deviation
        if let crash = lab.crash {
            // All that a client notices of it, a reset or an end of stream, is a consequence.
            deviation = Deviation("the server's process is gone", "  \(crash)")
        }
        var report = """
            \(name) fails: \(title).
            Instead: \(deviation.symptom).

            What happened:
            \(lab.timeline.text)
            """
        if !deviation.evidence.isEmpty { report += "\n\n" + deviation.evidence }
        let errors = lab.lastErrors
        if !errors.isEmpty { report += "\n\nThe server's standard error:\n\(errors)" }
        report += "\n\nHint: \(hint)\nRead:  \(chapter.title)"
        return .deviates(symptom: deviation.symptom, report: report)
    }
}
