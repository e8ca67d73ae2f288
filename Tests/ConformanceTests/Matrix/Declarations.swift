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

    /// A row whose behaviour every stage has to show.
    static func everywhere(_ behaviour: Behaviour) -> Row {
        Row(behaviour, .holds, .holds, .holds, .holds, .holds, .holds)
    }

    /// A row that makes sense where there are frames.
    static func framed(_ behaviour: Behaviour) -> Row {
        Row(behaviour, .bytes, .bytes, .bytes, .holds, .holds, .bytes)
    }

    /// A row that stage 6 was written for.
    static func goodbye(_ behaviour: Behaviour) -> Row {
        Row(behaviour, .killed, .killed, .killed, .killed, .killed, .holds)
    }

    /// What the stage declares.
    func cell(_ stage: Stage) -> Cell { cells[stage.rawValue - 1] }

    /// The row of a behaviour.
    static func of(_ behaviour: Behaviour) -> Row? {
        all.first { $0.behaviour.title == behaviour.title }
    }
}

extension Cell {
    fileprivate static let text = differs("what is not UTF-8 comes back as U+FFFD")
    fileprivate static let killed = limitation(
        "the signal ends the process: no farewell", liftedBy: .shutdown)
    fileprivate static let spins = limitation(
        "accepting spins from the second second on", liftedBy: .shutdown)
    fileprivate static let stream = limitation("bytes, not messages", liftedBy: .framing)
    fileprivate static let streamAgain = limitation("bytes, not messages", liftedBy: nil)
    fileprivate static let unlimited = limitation("no limit: all are let in", liftedBy: nil)
    fileprivate static let patient = limitation("no idle timeout: it may stay", liftedBy: nil)
    fileprivate static let unsaid = doesNotApply("no farewell")
    fileprivate static let bytes = doesNotApply("no frames")
    fileprivate static let alone = doesNotApply("one client at a time")
    fileprivate static let silent = doesNotApply("logs no text")
}

extension Row {
    /// The matrix as declared.
    static let all: [Row] = [
        // Bytes
        Row(.everyByteValue, .holds, .text, .holds, .text, .text, .holds),
        Row(.randomMebibyte, .holds, .text, .holds, .text, .text, .holds),
        Row(
            .oneByteAtATime,
            .holds, .limitation("an answer for every read", liftedBy: .framing), .holds, .holds,
            .holds,
            .holds),
        Row(
            .twoInOneSegment,
            .holds, .limitation("one answer for both", liftedBy: .framing), .holds, .holds, .holds,
            .holds),
        Row(
            .twoHundredAsOne,
            .holds, .limitation("one answer for both", liftedBy: .framing), .holds, .holds, .holds,
            .holds),
        Row(
            .twoHundredAsThree,
            .holds, .limitation("an answer for every read", liftedBy: .framing), .holds, .holds,
            .holds,
            .holds),
        .everywhere(.promptEcho),
        Row(.visibleBoundaries, .stream, .stream, .stream, .holds, .holds, .streamAgain),
        Row(
            .splitScalar,
            .holds, .limitation("what is not UTF-8 comes back as U+FFFD", liftedBy: .framing),
            .holds,
            .holds, .holds, .holds),
        .everywhere(.halfCloseSmall),
        .everywhere(.halfCloseLarge),
        .everywhere(.halfCloseAnySize),
        .everywhere(.bothSidesBlock),

        // Neighbours
        Row(
            .secondClient,
            .limitation("the second client waits until the first has gone", liftedBy: .threads),
            .holds,
            .holds, .holds, .holds, .holds),
        Row(
            .hundredAtOnce,
            .limitation("one client is answered, all others wait", liftedBy: .threads), .holds,
            .holds,
            .holds, .holds, .holds),
        Row(
            .idleThreads,
            .alone, .limitation("a thread for every client", liftedBy: .async), .holds, .holds,
            .holds,
            .holds),
        .everywhere(.neverReaderMemory),
        Row(
            .neverReaderNeighbour,
            .limitation("the neighbour waits until the rude client has gone", liftedBy: .threads),
            .holds,
            .holds, .holds, .holds, .holds),
        Row(.clientLimit, .alone, .unlimited, .unlimited, .unlimited, .unlimited, .unlimited),
        Row(.idleTimeout, .patient, .patient, .patient, .patient, .patient, .patient),

        // Frames
        .framed(.emptyFrame),
        .framed(.typicalFrame),
        .framed(.splitEverywhere),
        .framed(.drippedFrame),
        .framed(.thousandInOneWrite),
        .framed(.randomChops),
        .framed(.largestFrame),
        .framed(.oneTooLong),
        .framed(.signBit),
        .framed(.allOnes),
        .framed(.refusalWithUnread),
        .framed(.refusalEnds),
        .framed(.truncatedHeader),
        .framed(.truncatedPayload),
        .framed(.hoarders),
        .framed(.unalignedStream),
        .framed(.repairedText),
        .framed(.noStalls),
        .framed(.oneWriteForAll),
        .framed(.linearCost),
        .framed(.sameOutcome),

        // Rude clients
        .everywhere(.resetMidMessage),
        .everywhere(.resetBeforeAccept),
        .everywhere(.goneBeforeReply),
        .everywhere(.churn),

        // Resources and command line
        Row(.descriptorsComeBack, .alone, .holds, .holds, .holds, .holds, .holds),
        Row(.descriptorsDontSpin, .alone, .holds, .spins, .spins, .spins, .holds),
        Row(
            .acceptQueue,
            .limitation(
                "beyond the backlog, connection attempts remain unanswered", liftedBy: .threads),
            .holds, .holds, .holds, .holds, .holds),
        .everywhere(.portTaken),
        .everywhere(.badArguments),
        .everywhere(.restart),
        .everywhere(.loopbackOnly),
        .everywhere(.listeningLine),
        .everywhere(.logLines),
        Row(.loggedText, .silent, .holds, .silent, .holds, .holds, .silent),

        // Shutdown
        .goodbye(.interruptIdle),
        .goodbye(.terminateIdle),
        .goodbye(.nobodyThere),
        .goodbye(.whileStreaming),
        Row(
            .stalledReader,
            .limitation("the other client waits", liftedBy: .threads), .killed, .killed, .killed,
            .killed,
            .holds),
        .goodbye(.refusedWhileDraining),
        .goodbye(.secondSignal),
        .goodbye(.pouringIn),
        .goodbye(.shutdownLog),
        Row(
            .farewellIsNoData, .unsaid, .unsaid, .unsaid, .unsaid, .unsaid,
            .limitation("it looks like echoed data", liftedBy: nil)),
    ]
}
