// SPDX-License-Identifier: Apache-2.0
// Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

import XCTest

/// What Stage5-Codec promises, and what it is declared to do instead.
final class Stage5CodecTests: XCTestCase {
    func testEveryByteValue() { check(.everyByteValue, .codec) }
    func testRandomMebibyte() { check(.randomMebibyte, .codec) }
    func testOneByteAtATime() { check(.oneByteAtATime, .codec) }
    func testTwoInOneSegment() { check(.twoInOneSegment, .codec) }
    func testTwoHundredAsOne() { check(.twoHundredAsOne, .codec) }
    func testTwoHundredAsThree() { check(.twoHundredAsThree, .codec) }
    func testPromptEcho() { check(.promptEcho, .codec) }
    func testVisibleBoundaries() { check(.visibleBoundaries, .codec) }
    func testSplitScalar() { check(.splitScalar, .codec) }
    func testHalfCloseSmall() { check(.halfCloseSmall, .codec) }
    func testHalfCloseLarge() { check(.halfCloseLarge, .codec) }
    func testHalfCloseAnySize() { check(.halfCloseAnySize, .codec) }
    func testBothSidesBlock() { check(.bothSidesBlock, .codec) }
    func testSecondClient() { check(.secondClient, .codec) }
    func testHundredAtOnce() { check(.hundredAtOnce, .codec) }
    func testIdleThreads() { check(.idleThreads, .codec) }
    func testNeverReaderMemory() { check(.neverReaderMemory, .codec) }
    func testNeverReaderNeighbour() { check(.neverReaderNeighbour, .codec) }
    func testClientLimit() { check(.clientLimit, .codec) }
    func testIdleTimeout() { check(.idleTimeout, .codec) }
    func testEmptyFrame() { check(.emptyFrame, .codec) }
    func testTypicalFrame() { check(.typicalFrame, .codec) }
    func testSplitEverywhere() { check(.splitEverywhere, .codec) }
    func testDrippedFrame() { check(.drippedFrame, .codec) }
    func testThousandInOneWrite() { check(.thousandInOneWrite, .codec) }
    func testRandomChops() { check(.randomChops, .codec) }
    func testLargestFrame() { check(.largestFrame, .codec) }
    func testOneTooLong() { check(.oneTooLong, .codec) }
    func testSignBit() { check(.signBit, .codec) }
    func testAllOnes() { check(.allOnes, .codec) }
    func testRefusalWithUnread() { check(.refusalWithUnread, .codec) }
    func testRefusalEnds() { check(.refusalEnds, .codec) }
    func testTruncatedHeader() { check(.truncatedHeader, .codec) }
    func testTruncatedPayload() { check(.truncatedPayload, .codec) }
    func testHoarders() { check(.hoarders, .codec) }
    func testSilentAfterLargest() { check(.silentAfterLargest, .codec) }
    func testUnalignedStream() { check(.unalignedStream, .codec) }
    func testRepairedText() { check(.repairedText, .codec) }
    func testNoStalls() { check(.noStalls, .codec) }
    func testOneWriteForAll() { check(.oneWriteForAll, .codec) }
    func testLinearCost() { check(.linearCost, .codec) }
    func testSameOutcome() { check(.sameOutcome, .codec) }
    func testNeverReaderText() { check(.neverReaderText, .codec) }
    func testNeverReaderInvalid() { check(.neverReaderInvalid, .codec) }
    func testRefusedNonReader() { check(.refusedNonReader, .codec) }
    func testEmptyFlood() { check(.emptyFlood, .codec) }
    func testInvalidFlood() { check(.invalidFlood, .codec) }
    func testInvalidNeighbour() { check(.invalidNeighbour, .codec) }
    func testResetMidMessage() { check(.resetMidMessage, .codec) }
    func testResetBeforeAccept() { check(.resetBeforeAccept, .codec) }
    func testGoneBeforeReply() { check(.goneBeforeReply, .codec) }
    func testChurn() { check(.churn, .codec) }
    func testDescriptorsComeBack() { check(.descriptorsComeBack, .codec) }
    func testDescriptorsDontSpin() { check(.descriptorsDontSpin, .codec) }
    func testAcceptQueue() { check(.acceptQueue, .codec) }
    func testPortTaken() { check(.portTaken, .codec) }
    func testBadArguments() { check(.badArguments, .codec) }
    func testRestart() { check(.restart, .codec) }
    func testLoopbackOnly() { check(.loopbackOnly, .codec) }
    func testListeningLine() { check(.listeningLine, .codec) }
    func testLogLines() { check(.logLines, .codec) }
    func testLoggedText() { check(.loggedText, .codec) }
    func testManyMessages() { check(.manyMessages, .codec) }
    func testCrowd() { check(.crowd, .codec) }
    func testFullLogServes() { check(.fullLogServes, .codec) }
    func testGoneLog() { check(.goneLog, .codec) }
    func testClosedStreams() { check(.closedStreams, .codec) }
    func testUnreadLog() { check(.unreadLog, .codec) }
    func testInterruptIdle() { check(.interruptIdle, .codec) }
    func testTerminateIdle() { check(.terminateIdle, .codec) }
    func testHangUpIdle() { check(.hangUpIdle, .codec) }
    func testHangUpIgnored() { check(.hangUpIgnored, .codec) }
    func testNobodyThere() { check(.nobodyThere, .codec) }
    func testWhileStreaming() { check(.whileStreaming, .codec) }
    func testStalledReader() { check(.stalledReader, .codec) }
    func testRefusedWhileDraining() { check(.refusedWhileDraining, .codec) }
    func testSecondSignal() { check(.secondSignal, .codec) }
    func testPouringIn() { check(.pouringIn, .codec) }
    func testComingIn() { check(.comingIn, .codec) }
    func testEchoedSignal() { check(.echoedSignal, .codec) }
    func testUnreadLogEnd() { check(.unreadLogEnd, .codec) }
    func testUnreadLogTwice() { check(.unreadLogTwice, .codec) }
    func testFullLogShutdown() { check(.fullLogShutdown, .codec) }
    func testShutdownLog() { check(.shutdownLog, .codec) }

    override class func setUp() { StageRun.begin(.codec) }
    override class func tearDown() { StageRun.end(.codec) }
}
