// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a check makes of the reader's work.
enum Verdict: Sendable {
    /// All is as it has to be.
    case solved(_ remark: String = "")
    /// Not yet: what is wrong in a few words without figures, and the message for the reader.
    case open(symptom: String, message: String)

    /// What is wrong, if anything is.
    var symptom: String? {
        if case .open(let symptom, _) = self { symptom } else { nil }
    }
}

extension Exercise {
    /// Judges the stage as it stands, or the answers as they are written.
    ///
    /// - Parameter asProof: Whether it is no reader's work: the workbook's own stage solves a Build
    ///   exercise then, and nobody is asked for a prediction.
    /// - Returns: Whether the exercise is solved, or what is missing.
    func judge(asProof: Bool = false) -> Verdict {
        switch kind {
        case .build(let lesson, _): judgeBuild(lesson, acceptsOwn: asProof)
        case .breaking(let red): judgeBreak(red, wantsPrediction: !asProof)
        case .extend(let check, _, _, _): judgeExtend(check)
        case .measure(let questions), .diagnose(_, _, _, let questions):
            Answers.judge(self, questions)
        }
    }

    /// Judges a stage that is written from its predecessor on.
    private func judgeBuild(_ lesson: Behaviour, acceptsOwn: Bool) -> Verdict {
        let isForeign = stage.program().isForeign
        guard Progress.has("\(stage.rawValue) started") || isForeign else {
            return .open(
                symptom: kind.untouched,
                message: """
                    \(stage.name) is still the workbook's own answer.
                    Begin with:  docs/workbook start \(number)
                    It puts what you begin from in its place, and says how to get back.
                    """)
        }
        // It was begun, and then the workbook's own was restored: a solution, but not the reader's.
        if !acceptsOwn, !isForeign, stage.isWorkbooksOwn {
            return .open(
                symptom: "it is the workbook's own",
                message: """
                    \(stage.name) is the workbook's own answer again: git restore has brought it back.
                    To begin anew:  docs/workbook start \(number)
                    """)
        }
        let rows = judgedRows.filter { $0.behaviour.title != lesson.title }
        Events.add("total", "\(rows.count + 1)")
        // The lesson first: while it is red, the other rows only distract.
        if let complaint = complaint(lesson) {
            return .open(symptom: complaint.symptom, message: complaint.report)
        }
        return judge(rows)
    }

    /// Judges a stage from which something has been removed.
    private func judgeBreak(_ red: [Behaviour], wantsPrediction: Bool) -> Verdict {
        let prediction = Prediction(self)
        if wantsPrediction, let verdict = prediction.missing() { return verdict }
        Events.add("total", "\(judgedRows.count)")
        for behaviour in red where complaint(behaviour, isMeantToBeRed: true) == nil {
            return .open(
                symptom: behaviour.title == red.first?.title
                    ? kind.untouched : "a row that should be red holds",
                message: "This still holds, and should no longer:\n  \(behaviour.title)")
        }
        let titles = red.map(\.title)
        let verdict = judge(judgedRows.filter { !titles.contains($0.behaviour.title) })
        guard case .open(let symptom, let message) = verdict else {
            return .solved(wantsPrediction ? prediction.comparison(with: titles) : "")
        }
        return .open(
            symptom: symptom == Limit.symptom ? symptom : "more is broken than it should be",
            message: "What should be red is red, but something else is, too.\n\n\(message)")
    }

    /// Judges a stage to which something has been added: first that, then all that still holds.
    private func judgeExtend(_ check: Behaviour) -> Verdict {
        Events.add("total", "\(judgedRows.count + 1)")
        if let complaint = complaint(check) {
            return .open(symptom: complaint.symptom, message: complaint.report)
        }
        return judge(judgedRows)
    }

    /// Judges row after row, up to the first that is not as it has to be.
    private func judge(_ rows: [Row]) -> Verdict {
        var times: [(title: String, seconds: Double)] = []
        for (index, row) in rows.enumerated() {
            let before = "\n\nBefore it, \(index) of the stage's \(rows.count) rows were right."
            var complaint: (symptom: String, report: String)?
            let time = seconds { complaint = self.complaint(row.behaviour) }
            times.append((row.behaviour.title, time))
            if let complaint {
                return .open(
                    symptom: complaint.symptom,
                    message: complaint.report + (index > 0 ? before : ""))
            }
            if times.map(\.seconds).reduce(0, +) > Limit.exercise * Deadline.multiplier {
                return tooSlow(times, of: rows.count)
            }
        }
        print("\(number): all \(rows.count) rows of \(stage.name) are as they have to be.")
        return .solved()
    }

    /// Every row is right, and all together take too long: which of them it is that do.
    private func tooSlow(_ times: [(title: String, seconds: Double)], of count: Int) -> Verdict {
        let slowest = times.sorted { $0.seconds > $1.seconds }.prefix(3).map {
            String(format: "  %5.1f s  ", $0.seconds) + $0.title
        }
        return .open(
            symptom: Limit.symptom,
            message: """
                \(times.count) of the stage's \(count) rows are right, but they took more than \
                \(Int(Limit.exercise * Deadline.multiplier)) s, which is all
                that they get. Something waits that did not wait before. The slowest:
                \(slowest.joined(separator: "\n"))
                """)
    }

    /// The stage's rows that apply, with what the exercise declares of them.
    var judgedRows: [Row] {
        Row.all.filter {
            if case .doesNotApply = declared($0.behaviour) { false } else { true }
        }
    }

    /// What is right for the stage while the exercise is solved.
    func declared(_ behaviour: Behaviour) -> Cell {
        if case .extend(_, _, let changes, _) = kind,
            let change = changes.first(where: { $0.titles.contains(behaviour.title) })
        {
            return change.cell
        }
        return Row.of(behaviour)?.cell(stage) ?? .holds
    }

    /// What there is to say of a behaviour that is not as declared; to do better is no mistake.
    private func complaint(_ behaviour: Behaviour, isMeantToBeRed: Bool = false) -> (
        symptom: String, report: String
    )? {
        Events.add("begin", behaviour.title)
        var observation = Observation.holds
        let time = seconds { observation = observe(behaviour) }
        var complaint: (symptom: String, report: String)?
        if case .deviates(let symptom, let report) = observation,
            symptom != declared(behaviour).symptom,
            !(stage.program().isForeign && behaviour.side == .console)
        {
            complaint = (symptom, report)
        }
        let state =
            (complaint == nil) == isMeantToBeRed
            ? "red" : complaint == nil && observation.symptom == nil ? "holds" : "declared"
        let tenths = String(format: "%.1f", time)
        Events.add("row", behaviour.title, state, tenths)
        if !Events.areFollowed {
            print("  \(state == "red" ? "red" : "ok ")  \(behaviour.title) (\(tenths) s)")
        }
        return complaint
    }

    /// Acts a behaviour out, for as long as it may take.
    private func observe(_ behaviour: Behaviour) -> Observation {
        var dialect = stage.dialect
        if case .extend(_, _, _, let own) = kind { dialect = own ?? dialect }
        let (program, name, wire) = (stage.program(), stage.name, dialect)
        return Limit.observe(behaviour.title) {
            behaviour.observe(program, name: name, dialect: wire)
        }
    }
}

extension Stage {
    /// Whether main.swift is what it was when docs/workbook start took it away; without git, it isn't.
    fileprivate var isWorkbooksOwn: Bool {
        // Not simply HEAD: readers may commit what they have written.
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = [
            "git", "-C", Stage.package.path, "diff", "--quiet",
            Progress.last(startingWith: "\(rawValue) own ") ?? "HEAD", "--",
            "\(name)/main.swift",
        ]
        git.standardError = FileHandle.nullDevice
        do {
            try git.run()
        } catch {
            return false
        }
        git.waitUntilExit()
        // 1: it differs; anything else: git cannot say.
        return git.terminationStatus == 0
    }
}
