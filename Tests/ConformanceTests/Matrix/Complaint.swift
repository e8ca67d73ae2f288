// SPDX-License-Identifier: Apache-2.0

/// What there is to say of a cell that is not as declared.
struct Complaint {
    /// In one line.
    let summary: String
    /// In full.
    let report: String
}

extension Row {
    /// Compares an observation with the declaration; nil if all is as it should be.
    func complaint(about observation: Observation, _ stage: Stage, isForeign: Bool) -> Complaint? {
        let cell = cell(stage)
        switch observation {
        case .holds:
            // A reader's own server may well do better.
            guard let symptom = cell.symptom, !isForeign else { return nil }
            return Complaint(
                summary: "it holds now, against the declaration",
                report: """
                    \(stage.name) now holds "\(behaviour.title)".
                    The matrix declares that it does not: \(symptom).
                    If you meant to improve it: well done. Say so in Matrix/Declarations.swift.
                    """)
        case .deviates(let symptom, let report):
            if symptom == cell.symptom { return nil }
            // What is declared of the stage, or printed on its console, is no rule for a reader's.
            if isForeign, cell.symptom != nil || behaviour.side == .console { return nil }
            guard let declared = cell.symptom else {
                return Complaint(summary: symptom, report: report)
            }
            return Complaint(
                summary: "\(symptom); declared: \(declared)",
                report: "\(report)\n\nThe matrix declares something else: \(declared).")
        }
    }
}
