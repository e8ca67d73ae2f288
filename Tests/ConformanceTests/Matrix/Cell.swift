// SPDX-License-Identifier: Apache-2.0

/// What a stage declares of a behaviour.
enum Cell: Equatable, Sendable {
    /// It holds.
    case holds
    /// It doesn't, and need not: the stage is meant to do this instead.
    case differs(String)
    /// It doesn't, and that is a lesson: this happens instead, until a later stage lifts it, or, if
    /// none does, an exercise.
    case limitation(String, liftedBy: Stage?)
    /// It makes no sense here, for this reason.
    case doesNotApply(String)

    /// What is expected to happen instead, if it does not hold.
    var symptom: String? {
        switch self {
        case .holds, .doesNotApply: nil
        case .differs(let symptom), .limitation(let symptom, _): symptom
        }
    }
}
