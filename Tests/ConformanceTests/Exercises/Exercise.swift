// SPDX-License-Identifier: Apache-2.0

/// A task for the reader; its text is a section of docs/exercises/stageN.md.
///
/// Title, grade and minutes stand there and nowhere else: see `ExercisePage`.
struct Exercise: Sendable {
    /// What the reader does, and what judges it.
    enum Kind: Sendable {
        /// Write the stage, from its predecessor on: every row of the stage is the judge.
        ///
        /// The predecessor fails the lesson, a row or a check of its own, and for this reason. Some
        /// mistakes no row finds; others are judged beside the rows then.
        case build(lesson: Behaviour, red: String, also: [Behaviour] = [])
        /// Change one thing so that exactly these rows turn red; some others may, by chance.
        case breaking([Behaviour], byChance: [Behaviour] = [])
        /// Add something: a check of its own, red for this reason until then. The stage's rows
        /// still hold, but for the changes.
        case extend(Behaviour, red: String, changes: [Change] = [], dialect: Dialect? = nil)
        /// Measure, and explain: answers in docs/exercises/answers.txt.
        case measure([Question])
        /// Find the fault of a mystery server: answers, too. A client can see it, like this.
        case diagnose(mystery: Int, shownBy: Behaviour, red: String, [Question])
    }

    /// The stage that is edited, or looked at.
    let stage: Stage
    /// The stage's number, a dot, and its own.
    let number: String
    /// What the reader does.
    let kind: Kind

    /// Creates the exercise of a stage that has this place among the stage's.
    init(_ stage: Stage, _ place: Int, _ kind: Kind) {
        self.stage = stage
        number = "\(stage.rawValue).\(place)"
        self.kind = kind
    }

    /// The exercise of a number.
    static func numbered(_ number: String) -> Exercise? { all.first { $0.number == number } }

    /// Where its text is.
    var page: ExercisePage { ExercisePage(stage) }
    /// Its title.
    var title: String { page.section(number)?.title ?? "(no section in \(page.path))" }
}

/// Rows of the matrix that an exercise changes, and what is right for the stage from then on.
struct Change: Sendable {
    /// The rows' titles.
    let titles: Set<String>
    /// What they are to be; one that no longer applies is not run.
    let cell: Cell

    /// Changes one row.
    init(_ behaviour: Behaviour, _ cell: Cell) {
        titles = [behaviour.title]
        self.cell = cell
    }

    /// Changes all rows of a family.
    init(_ family: Behaviour.Family, _ cell: Cell) {
        titles = Set(Row.all.map(\.behaviour).filter { $0.family == family }.map(\.title))
        self.cell = cell
    }
}

extension Exercise.Kind {
    /// What the page calls it.
    var name: String {
        switch self {
        case .build: "Build"
        case .breaking: "Break"
        case .extend: "Extend"
        case .measure: "Measure"
        case .diagnose: "Diagnose"
        }
    }

    /// Whether the file of answers is judged, and not the stage.
    var isAboutAnswers: Bool {
        switch self {
        case .build, .breaking, .extend: false
        case .measure, .diagnose: true
        }
    }

    /// What is wrong as long as nothing has been done.
    var untouched: String {
        switch self {
        case .build: "it has not been begun"
        case .breaking: "nothing is broken yet"
        case .extend(_, let red, _, _): red
        case .measure, .diagnose: "an answer is missing"
        }
    }
}
