// SPDX-License-Identifier: Apache-2.0

extension Row {
    /// The matrix as declared: a line a row, a column a stage. A test keeps it in columns.
    // swift-format-ignore
    static let all: [Row] = [
        // Bytes                    1         2         3         4         5         6
        Row(.everyByteValue,       .holds,   .repairs, .holds,   .repairs, .repairs, .holds),
        Row(.randomMebibyte,       .holds,   .repairs, .holds,   .repairs, .repairs, .holds),
        Row(.oneByteAtATime,       .holds,   .perRead, .holds,   .holds,   .holds,   .holds),
        Row(.twoInOneSegment,      .holds,   .merges,  .holds,   .holds,   .holds,   .holds),
        Row(.twoHundredAsOne,      .holds,   .merges,  .holds,   .holds,   .holds,   .holds),
        Row(.twoHundredAsThree,    .holds,   .perRead, .holds,   .holds,   .holds,   .holds),
        Row(.promptEcho,           .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.visibleBoundaries,    .stream,  .stream,  .stream,  .holds,   .holds,   .bytes),
        Row(.splitScalar,          .holds,   .halves,  .holds,   .holds,   .holds,   .holds),
        Row(.halfCloseSmall,       .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.halfCloseLarge,       .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.halfCloseAnySize,     .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.bothSidesBlock,       .holds,   .holds,   .holds,   .holds,   .holds,   .holds),

        // Neighbours               1         2         3         4         5         6
        Row(.secondClient,         .oneTurn, .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.hundredAtOnce,        .allWait, .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.idleThreads,          .noCrowd, .oneEach, .holds,   .holds,   .holds,   .holds),
        Row(.neverReaderMemory,    .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.neverReaderNeighbour, .stuck,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.clientLimit,          .noCrowd, .noLimit, .noLimit, .noLimit, .noLimit, .noLimit),
        Row(.idleTimeout,          .patient, .patient, .patient, .patient, .patient, .patient),

        // Frames                   1         2         3         4         5         6
        Row(.emptyFrame,           .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.typicalFrame,         .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.splitEverywhere,      .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.drippedFrame,         .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.thousandInOneWrite,   .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.randomChops,          .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.largestFrame,         .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.oneTooLong,           .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.signBit,              .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.allOnes,              .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.refusalWithUnread,    .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.refusalEnds,          .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.truncatedHeader,      .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.truncatedPayload,     .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.hoarders,             .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.silentAfterLargest,   .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.unalignedStream,      .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.repairedText,         .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.noStalls,             .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.oneWriteForAll,       .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.linearCost,           .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.sameOutcome,          .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.neverReaderText,      .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.neverReaderInvalid,   .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.refusedNonReader,     .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.emptyFlood,           .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.invalidFlood,         .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),
        Row(.invalidNeighbour,     .noFrame, .noFrame, .noFrame, .holds,   .holds,   .noFrame),

        // Rude clients             1         2         3         4         5         6
        Row(.resetMidMessage,      .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.resetBeforeAccept,    .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.goneBeforeReply,      .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.churn,                .holds,   .holds,   .holds,   .holds,   .holds,   .holds),

        // Resources and command line 1         2         3         4         5         6
        Row(.descriptorsComeBack,  .noCrowd, .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.descriptorsDontSpin,  .noCrowd, .holds,   .spins,   .spins,   .spins,   .holds),
        Row(.acceptQueue,          .fullUp,  .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.portTaken,            .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.badArguments,         .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.restart,              .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.loopbackOnly,         .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.listeningLine,        .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.logLines,             .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.loggedText,           .noText,  .holds,   .noText,  .holds,   .holds,   .noText),
        Row(.manyMessages,         .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.crowd,                .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.fullLogServes,        .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.goneLog,              .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.closedStreams,        .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.unreadLog,            .muted,   .muted,   .muted,   .muted,   .muted,   .muted),

        // Shutdown                 1         2         3         4         5         6
        Row(.interruptIdle,        .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.terminateIdle,        .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.hangUpIdle,           .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.hangUpIgnored,        .holds,   .holds,   .holds,   .holds,   .holds,   .holds),
        Row(.nobodyThere,          .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.earlySignal,          .noWait,  .noWait,  .noWait,  .noWait,  .noWait,  .holds),
        Row(.whileStreaming,       .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.stalledReader,        .waits,   .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.refusedWhileDraining, .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.secondSignal,         .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.pouringIn,            .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.comingIn,             .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.echoedSignal,         .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.unreadLogEnd,         .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.unreadLogTwice,       .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.fullLogShutdown,      .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.shutdownLog,          .killed,  .killed,  .killed,  .killed,  .killed,  .holds),
        Row(.farewellIsNoData,     .noBye,   .noBye,   .noBye,   .noBye,   .noBye,   .asData),
    ]
}

/// What the table's words mean.
extension Cell {
    fileprivate static let repairs = differs(Symptom.repaired)
    fileprivate static let halves = limitation(Symptom.repaired, liftedBy: .framing)
    fileprivate static let perRead = limitation(Symptom.answerPerRead, liftedBy: .framing)
    fileprivate static let merges = limitation(Symptom.oneForBoth, liftedBy: .framing)
    fileprivate static let stream = limitation(Symptom.bytesNotMessages, liftedBy: .framing)
    fileprivate static let bytes = limitation(Symptom.bytesNotMessages, liftedBy: nil)
    fileprivate static let oneTurn = limitation(Symptom.secondWaits, liftedBy: .threads)
    fileprivate static let allWait = limitation(Symptom.allOthersWait, liftedBy: .threads)
    fileprivate static let oneEach = limitation(Symptom.threadPerClient, liftedBy: .async)
    fileprivate static let stuck = limitation(Symptom.neighbourWaits, liftedBy: .threads)
    fileprivate static let noLimit = limitation(Symptom.noLimit, liftedBy: nil)
    fileprivate static let patient = limitation(Symptom.noIdleTimeout, liftedBy: nil)
    fileprivate static let spins = limitation(Symptom.spins, liftedBy: .shutdown)
    fileprivate static let fullUp = limitation(Symptom.queueFull, liftedBy: .threads)
    fileprivate static let waits = limitation(Symptom.otherClientWaits, liftedBy: .threads)
    fileprivate static let killed = limitation(Symptom.killed, liftedBy: .shutdown)
    fileprivate static let asData = limitation(Symptom.looksLikeData, liftedBy: nil)
    fileprivate static let noFrame = doesNotApply("no frames")
    fileprivate static let noCrowd = doesNotApply("one client at a time")
    fileprivate static let noText = doesNotApply("logs no text")
    fileprivate static let muted = limitation(Symptom.waitsForLog, liftedBy: nil)
    fileprivate static let noWait = doesNotApply("a signal ends it at once")
    fileprivate static let noBye = doesNotApply("no farewell")
}
