// SPDX-License-Identifier: Apache-2.0

/// What happens instead of what should: the words that behaviours throw and the matrix declares.
///
/// Without figures, so that they are the same in every run; those belong into the evidence.
enum Symptom {
    // MARK: - The server as a whole

    static let noStart = "the server does not start"
    static let noConnection = "the server cannot be connected to"
    static let processGone = "the server's process is gone"
    static let crashes = "the server crashes"
    static let clientStuck = "a client of the check is stuck"
    static let notCarriedOut = "the check could not be carried out"

    // MARK: - What comes back

    static let noAnswer = "no answer comes"
    static let closesWithoutAnswer = "the server closes without an answer"
    static let partMissing = "a part of the answer is missing"
    static let closesEarly = "the server closes too early"
    static let resetBeforeAll = "the connection is reset before all has come back"
    static let resetAtEnd = "a reset instead of the end of the stream"
    static let breaksWhileSending = "the connection breaks while the client sends"
    static let noClose = "the server does not close"
    static let otherBytes = "other bytes come back"
    static let moreThanAsked = "more comes back than was asked for"
    static let repaired = "what is not UTF-8 comes back as U+FFFD"
    static let answerPerRead = "an answer for every read"
    static let oneForBoth = "one answer for both"
    static let bytesNotMessages = "bytes, not messages"
    static let answersLate = "answers are late"

    // MARK: - What clients notice of each other

    static let secondWaits = "the second client waits until the first has gone"
    static let allOthersWait = "one client is answered, all others wait"
    static let threadPerClient = "a thread for every client"
    static let neighbourWaits = "the neighbour waits until the rude client has gone"
    static let storesAll = "the server takes it all, and stores it"
    static let growsUnread = "memory grows with what the client doesn't read"
    static let noLimit = "no limit: all are let in"
    static let noIdleTimeout = "no idle timeout: it may stay"

    // MARK: - Frames

    static let halfAnswered = "half a message is answered"
    static let roomAnnounced = "the server makes room for what was announced"
    static let roomKept = "room is kept for who is silent now"
    static let growsPassed = "memory grows with what has passed through"
    static let lengthUnnamed = "standard error does not name the length and the limit"
    static let notCalledTruncated = "standard error does not call it truncated"
    static let readsOnForEver = "the server reads on for ever"
    static let noTimeGiven = "the client is given no time"
    static let repliesLate = "replies are late"
    static let oneByOne = "replies leave one by one"
    static let refusedStays = "the refused client may stay"
    static let neighbourLate = "a neighbour waits for more than a second"
    static let shortWaits = "the short text waits for the long ones"
    static let costsMore = "a frame costs more, the more there have been"
    static let outcomesDiffer = "the outcomes differ"

    // MARK: - Resources and command line

    static let leftBehind = "something is left behind"
    static let busyAlone = "it uses processor time, though everybody has gone"
    static let waitsForLog = "clients wait until somebody reads the log"
    static let neverRunOut = "the descriptors do not run out"
    static let spins = "after the first second, accepting spins"
    static let queueFull = "beyond the backlog, connection attempts remain unanswered"
    static let otherReport = "something else is reported"
    static let notRefused = "it is not refused"
    static let portStillTaken = "the port is still taken"
    static let otherAddress = "127.0.0.2 is answered, too"
    static let otherFirstLine = "the first line is another"
    static let lineMissing = "a line is missing"
    static let otherLines = "other lines are logged"

    // MARK: - Shutdown

    static let killed = "the signal ends the process: no farewell"
    static let noFarewell = "there is no farewell"
    static let farewellReset = "a reset destroys the farewell"
    static let otherClientWaits = "the other client waits"
    static let noTimeForStalled = "the stalled client is given no time"
    static let doesNotWait = "the server doesn't wait for its client"
    static let lateLetIn = "a late client is let in"
    static let outOfOrder = "the process does not end with status 0"
    static let noEnd = "the process does not end"
    static let signalLost = "a signal is lost, and the server lives on"
    static let leftUntold = "a client is neither told nor closed"
    static let looksLikeData = "it looks like echoed data"
}
