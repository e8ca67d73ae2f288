// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What there is to say of a row that is not as it has to be.
struct Finding: Sendable {
    /// What is wrong, in a few words without figures.
    let symptom: String
    /// The message for the reader.
    let report: String
}

extension Exercise {
    /// Judges rows, up to the first that is not as it has to be.
    func judge(_ rows: [Row]) -> Verdict {
        let round = Round(of: rows)
        while let complaint = firstComplaint(of: round, rows) {
            if let complaint = complaint.value { return complaint }
        }
        if round.isTooSlow { return tooSlow(round, rows) }
        print("\(number): all \(rows.count) rows of \(stage.name) are as they have to be.")
        return .solved()
    }

    /// Acts out what is left of the rows, two at a time, and beside them those that mostly wait,
    /// until one is red, and then that one alone: what another row's load has done to it is not the
    /// reader's fault.
    ///
    /// - Parameters:
    ///   - round: What has been acted out already.
    ///   - rows: The rows.
    /// - Returns: The verdict on the red row, none if it holds alone; nil if no row was red.
    private func firstComplaint(of round: Round, _ rows: [Row]) -> Repeated? {
        let lanes = [false, false, true, true].map { isPatient in
            Background {
                while let index = round.next(isPatient) { actOut(index, of: round, rows) }
            }
        }
        for lane in lanes { _ = lane.join(by: Deadline(in: 4 * Limit.exercise)) }
        Server.mayStart()
        guard let index = round.firstRed() else { return nil }
        guard let complaint = complaint(rows[index].behaviour) else { return Repeated(value: nil) }
        let before = "\n\n\(round.done - 1) of the stage's \(rows.count) rows are right so far."
        return Repeated(
            value: .open(
                symptom: complaint.symptom, message: complaint.report + (index == 0 ? "" : before)))
    }

    /// Acts out one of the rows; if it is the first red one, those beside it need not go on.
    private func actOut(_ index: Int, of round: Round, _ rows: [Row]) {
        var result: (complaint: Finding?, state: String) = (nil, "")
        Events.add("begin", rows[index].behaviour.title)
        let time = seconds { result = examine(rows[index].behaviour) }
        switch round.note(index, result.complaint, time) {
        case .right: announce(rows[index].behaviour, result.state, time)
        case .firstRed: Server.stopAll()
        case .cutOff: break
        }
    }

    /// Every row is right, and all together take too long: which of them it is that do.
    private func tooSlow(_ round: Round, _ rows: [Row]) -> Verdict {
        let slowest = round.slowest.prefix(3).map { index, time in
            String(format: "  %5.1f s  ", time) + rows[index].behaviour.title
        }
        return .open(
            symptom: Limit.symptom,
            message: """
                \(round.done) of the stage's \(rows.count) rows are right, but they took more than \
                \(Int(Limit.exercise * Deadline.multiplier)) s, which is all
                that they get. Something waits that did not wait before. The slowest:
                \(slowest.joined(separator: "\n"))
                """)
    }

    /// What there is to say of a behaviour that is not as declared; to do better is no mistake.
    func complaint(_ behaviour: Behaviour, isMeantToBeRed: Bool = false) -> Finding? {
        Events.add("begin", behaviour.title)
        var result: (complaint: Finding?, state: String) = (nil, "")
        let time = seconds { result = examine(behaviour) }
        let isRight = (result.complaint == nil) != isMeantToBeRed
        announce(behaviour, isRight ? isMeantToBeRed ? "broken" : result.state : "red", time)
        return result.complaint
    }

    /// Acts a behaviour out, and compares it with what is declared.
    private func examine(_ behaviour: Behaviour) -> (complaint: Finding?, state: String) {
        let observation = observe(behaviour)
        guard case .deviates(let symptom, let report) = observation else { return (nil, "holds") }
        let isTolerated =
            symptom == declared(behaviour).symptom
            || stage.program().isForeign && behaviour.side == .console
        return isTolerated
            ? (nil, "declared") : (Finding(symptom: symptom, report: report), "declared")
    }

    /// Tells whoever follows what has become of a row: `holds`, `declared`, `broken`, or `red`.
    private func announce(_ behaviour: Behaviour, _ state: String, _ time: Double) {
        let tenths = String(format: "%.1f", time)
        Events.add("row", behaviour.title, state, tenths)
        guard !Events.areFollowed else { return }
        let remark = state == "broken" ? ", red as it has to be" : ""
        print("  \(state == "red" ? "red" : "ok ")  \(behaviour.title) (\(tenths) s)\(remark)")
    }

    /// Acts a behaviour out, for as long as it may take.
    private func observe(_ behaviour: Behaviour) -> Observation {
        var dialect = stage.dialect
        if case .extend(_, _, _, let own) = kind { dialect = own ?? dialect }
        let (program, name, wire) = (stage.program(), stage.name, dialect)
        return Limit.observe(behaviour.title) {
            behaviour.observe(program, name: name, dialect: wire, stage: stage)
        }
    }
}

/// What a row that was red beside another one turned out to be alone.
private struct Repeated {
    /// The verdict; nil if it holds alone.
    let value: Verdict?
}

/// Which rows have been acted out, and how; shared by those who act.
private final class Round: Sendable {
    /// What a row has turned out to be.
    enum Outcome {
        case right
        case firstRed
        /// Another one was red before: it was ended, and says nothing.
        case cutOff
    }

    /// What is known so far.
    private struct State {
        /// What is left to do: the rows that mostly wait, and the others.
        var patient: [Int]
        var others: [Int]
        var red: Int?
        var times: [Int: Double] = [:]
    }

    /// When the time for all of them is over.
    private let end = Deadline(in: Limit.exercise)
    private let state: Mutex<State>

    /// Begins a round of rows.
    init(of rows: [Row]) {
        let patient = rows.indices.filter { rows[$0].behaviour.mostlyWaits }
        let others = rows.indices.filter { !rows[$0].behaviour.mostlyWaits }
        state = Mutex(State(patient: patient, others: others))
    }

    /// The next row to act out, for a lane that takes only those that mostly wait, or all others
    /// first; nil if there is none, or one was red, or the time is over.
    func next(_ isPatient: Bool) -> Int? {
        state.withLock { state in
            guard state.red == nil, !end.hasPassed else { return nil }
            if !isPatient, !state.others.isEmpty { return state.others.removeFirst() }
            return state.patient.isEmpty ? nil : state.patient.removeFirst()
        }
    }

    /// Notes what has become of a row.
    func note(_ index: Int, _ complaint: Finding?, _ time: Double) -> Outcome {
        state.withLock { state in
            // Whoever reaches the limit of time ends the others, which are red before it is.
            let isFirst = state.red == nil || complaint?.symptom == Limit.symptom
            guard isFirst, complaint != nil else {
                guard state.red == nil else {
                    // To be acted out again, should the red one hold alone.
                    state.others.insert(index, at: 0)
                    return .cutOff
                }
                state.times[index] = time
                return .right
            }
            if let other = state.red {
                state.others.insert(other, at: 0)
                state.times[other] = nil
            }
            state.red = index
            state.times[index] = time
            return .firstRed
        }
    }

    /// The red row, which is not red any more until it has been acted out again.
    func firstRed() -> Int? {
        state.withLock { state in
            defer { state.red = nil }
            return state.red
        }
    }

    /// How many rows have been acted out, the red one included.
    var done: Int { state.withLock { $0.times.count } }
    /// Whether time was over before all had been acted out.
    var isTooSlow: Bool { state.withLock { !$0.patient.isEmpty || !$0.others.isEmpty } }
    /// The rows, and what each has taken, in seconds, beginning with the slowest.
    var slowest: [(index: Int, seconds: Double)] {
        state.withLock { $0.times.sorted { $0.value > $1.value }.map { ($0.key, $0.value) } }
    }
}
