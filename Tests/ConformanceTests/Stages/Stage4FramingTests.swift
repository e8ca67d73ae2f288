// SPDX-License-Identifier: Apache-2.0
// Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

import XCTest

/// What Stage4-Framing promises, and what it is declared to do instead.
final class Stage4FramingTests: XCTestCase {
    func testEveryByteValue() { check(.everyByteValue, .framing) }
    func testRandomMebibyte() { check(.randomMebibyte, .framing) }
    func testOneByteAtATime() { check(.oneByteAtATime, .framing) }
    func testTwoInOneSegment() { check(.twoInOneSegment, .framing) }
    func testTwoHundredAsOne() { check(.twoHundredAsOne, .framing) }
    func testTwoHundredAsThree() { check(.twoHundredAsThree, .framing) }
    func testPromptEcho() { check(.promptEcho, .framing) }
    func testVisibleBoundaries() { check(.visibleBoundaries, .framing) }
    func testSplitScalar() { check(.splitScalar, .framing) }
    func testHalfCloseSmall() { check(.halfCloseSmall, .framing) }
    func testHalfCloseLarge() { check(.halfCloseLarge, .framing) }
    func testHalfCloseAnySize() { check(.halfCloseAnySize, .framing) }
    func testBothSidesBlock() { check(.bothSidesBlock, .framing) }
    func testSecondClient() { check(.secondClient, .framing) }
    func testHundredAtOnce() { check(.hundredAtOnce, .framing) }
    func testIdleThreads() { check(.idleThreads, .framing) }
    func testNeverReaderMemory() { check(.neverReaderMemory, .framing) }
    func testNeverReaderNeighbour() { check(.neverReaderNeighbour, .framing) }
    func testClientLimit() { check(.clientLimit, .framing) }
    func testIdleTimeout() { check(.idleTimeout, .framing) }
    func testEmptyFrame() { check(.emptyFrame, .framing) }
    func testTypicalFrame() { check(.typicalFrame, .framing) }
    func testSplitEverywhere() { check(.splitEverywhere, .framing) }
    func testDrippedFrame() { check(.drippedFrame, .framing) }
    func testThousandInOneWrite() { check(.thousandInOneWrite, .framing) }
    func testRandomChops() { check(.randomChops, .framing) }
    func testLargestFrame() { check(.largestFrame, .framing) }
    func testOneTooLong() { check(.oneTooLong, .framing) }
    func testSignBit() { check(.signBit, .framing) }
    func testAllOnes() { check(.allOnes, .framing) }
    func testRefusalWithUnread() { check(.refusalWithUnread, .framing) }
    func testRefusalEnds() { check(.refusalEnds, .framing) }
    func testTruncatedHeader() { check(.truncatedHeader, .framing) }
    func testTruncatedPayload() { check(.truncatedPayload, .framing) }
    func testHoarders() { check(.hoarders, .framing) }
    func testSilentAfterLargest() { check(.silentAfterLargest, .framing) }
    func testUnalignedStream() { check(.unalignedStream, .framing) }
    func testRepairedText() { check(.repairedText, .framing) }
    func testNoStalls() { check(.noStalls, .framing) }
    func testOneWriteForAll() { check(.oneWriteForAll, .framing) }
    func testLinearCost() { check(.linearCost, .framing) }
    func testSameOutcome() { check(.sameOutcome, .framing) }
    func testNeverReaderText() { check(.neverReaderText, .framing) }
    func testNeverReaderInvalid() { check(.neverReaderInvalid, .framing) }
    func testRefusedNonReader() { check(.refusedNonReader, .framing) }
    func testEmptyFlood() { check(.emptyFlood, .framing) }
    func testInvalidFlood() { check(.invalidFlood, .framing) }
    func testInvalidNeighbour() { check(.invalidNeighbour, .framing) }
    func testResetMidMessage() { check(.resetMidMessage, .framing) }
    func testResetBeforeAccept() { check(.resetBeforeAccept, .framing) }
    func testGoneBeforeReply() { check(.goneBeforeReply, .framing) }
    func testChurn() { check(.churn, .framing) }
    func testDescriptorsComeBack() { check(.descriptorsComeBack, .framing) }
    func testDescriptorsDontSpin() { check(.descriptorsDontSpin, .framing) }
    func testAcceptQueue() { check(.acceptQueue, .framing) }
    func testPortTaken() { check(.portTaken, .framing) }
    func testBadArguments() { check(.badArguments, .framing) }
    func testRestart() { check(.restart, .framing) }
    func testLoopbackOnly() { check(.loopbackOnly, .framing) }
    func testListeningLine() { check(.listeningLine, .framing) }
    func testLogLines() { check(.logLines, .framing) }
    func testLoggedText() { check(.loggedText, .framing) }
    func testManyMessages() { check(.manyMessages, .framing) }
    func testCrowd() { check(.crowd, .framing) }
    func testFullLogServes() { check(.fullLogServes, .framing) }
    func testGoneLog() { check(.goneLog, .framing) }
    func testClosedStreams() { check(.closedStreams, .framing) }
    func testUnreadLog() { check(.unreadLog, .framing) }
    func testInterruptIdle() { check(.interruptIdle, .framing) }
    func testTerminateIdle() { check(.terminateIdle, .framing) }
    func testHangUpIdle() { check(.hangUpIdle, .framing) }
    func testHangUpIgnored() { check(.hangUpIgnored, .framing) }
    func testNobodyThere() { check(.nobodyThere, .framing) }
    func testWhileStreaming() { check(.whileStreaming, .framing) }
    func testStalledReader() { check(.stalledReader, .framing) }
    func testRefusedWhileDraining() { check(.refusedWhileDraining, .framing) }
    func testSecondSignal() { check(.secondSignal, .framing) }
    func testPouringIn() { check(.pouringIn, .framing) }
    func testComingIn() { check(.comingIn, .framing) }
    func testEchoedSignal() { check(.echoedSignal, .framing) }
    func testUnreadLogEnd() { check(.unreadLogEnd, .framing) }
    func testUnreadLogTwice() { check(.unreadLogTwice, .framing) }
    func testFullLogShutdown() { check(.fullLogShutdown, .framing) }
    func testShutdownLog() { check(.shutdownLog, .framing) }

    override class func setUp() { StageRun.begin(.framing) }
    override class func tearDown() { StageRun.end(.framing) }
}
