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
        case .build(let lesson, _, let also): judgeBuild(lesson, also, acceptsOwn: asProof)
        case .breaking(let red, let byChance):
            judgeBreak(red, byChance, wantsPrediction: !asProof)
        case .extend(let check, _, _, _): judgeExtend(check)
        case .measure(let questions), .diagnose(_, _, _, let questions):
            Answers.judge(self, questions)
        }
    }

    /// Judges a stage that is written from its predecessor on.
    private func judgeBuild(
        _ lesson: Behaviour, _ also: [Behaviour], acceptsOwn: Bool
    ) -> Verdict {
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
                    \(stage.name) is the workbook's own answer again: it has been restored.
                    To start over:  docs/workbook start \(number)
                    """)
        }
        let rows = judgedRows.filter { $0.behaviour.title != lesson.title } + also.map(Row.init)
        Events.add("total", "\(rows.count + 1)")
        // The lesson first: while it is red, the other rows only distract.
        if let complaint = complaint(lesson) {
            return .open(symptom: complaint.symptom, message: complaint.report)
        }
        let verdict = judge(rows)
        guard case .solved = verdict, Strace.path == nil,
            also.contains(where: { $0.title == Behaviour.pausesForShortageOnly(stage).title })
        else { return verdict }
        return .solved(
            "Without strace, it wasn't judged whether accepting pauses for a shortage only.")
    }

    /// Judges a stage from which something has been removed.
    private func judgeBreak(
        _ red: [Behaviour], _ byChance: [Behaviour], wantsPrediction: Bool
    ) -> Verdict {
        let prediction = Prediction(self)
        if wantsPrediction, let verdict = prediction.missing() { return verdict }
        let titles = red.map(\.title)
        let notJudged = titles + byChance.map(\.title)
        let others = judgedRows.filter { !notJudged.contains($0.behaviour.title) }
        Events.add("total", "\(red.count + others.count)")
        for behaviour in red where complaint(behaviour, isMeantToBeRed: true) == nil {
            return .open(
                symptom: behaviour.title == red.first?.title
                    ? kind.untouched : "a row that should be red holds",
                message: "This still holds, and should no longer:\n  \(behaviour.title)")
        }
        let verdict = judge(others)
        guard case .open(let symptom, let message) = verdict else {
            guard wantsPrediction else { return .solved() }
            return .solved(prediction.comparison(with: titles, byChance: byChance.map(\.title)))
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

extension Row {
    /// A behaviour that is no row of the matrix, but is judged like one.
    fileprivate init(_ behaviour: Behaviour) {
        self.init(behaviour, .holds, .holds, .holds, .holds, .holds, .holds)
    }
}
