// SPDX-License-Identifier: Apache-2.0

/// A row of the matrix: a behaviour, and what each stage declares of it.
struct Row: Sendable {
    /// The behaviour.
    let behaviour: Behaviour
    /// One cell a stage, in their order.
    let cells: [Cell]

    /// Creates a row; a stage without a cell does not compile.
    init(
        _ behaviour: Behaviour, _ sync: Cell, _ threads: Cell, _ async: Cell, _ framing: Cell,
        _ codec: Cell, _ shutdown: Cell
    ) {
        self.behaviour = behaviour
        cells = [sync, threads, async, framing, codec, shutdown]
    }

    /// What the stage declares.
    func cell(_ stage: Stage) -> Cell { cells[stage.rawValue - 1] }

    /// Whether the behaviour makes sense for the stage.
    func applies(to stage: Stage) -> Bool {
        if case .doesNotApply = cell(stage) { false } else { true }
    }

    /// What a stage is about: the row that the stage before it fails.
    static func lesson(of stage: Stage) -> Behaviour? {
        switch stage {
        case .sync: nil
        case .threads: .secondClient
        case .async: .idleThreads
        case .framing: .twoInOneSegment
        case .codec: .sameOutcome
        case .shutdown: .terminateIdle
        }
    }

    /// The row of a behaviour.
    static func of(_ behaviour: Behaviour) -> Row? {
        all.first { $0.behaviour.title == behaviour.title }
    }
}
