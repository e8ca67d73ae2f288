// SPDX-License-Identifier: Apache-2.0
// Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

import XCTest

/// What Stage2-Threads promises, and what it is declared to do instead.
final class Stage2ThreadsTests: XCTestCase {
    func testEveryByteValue() { check(.everyByteValue, .threads) }
    func testRandomMebibyte() { check(.randomMebibyte, .threads) }
    func testOneByteAtATime() { check(.oneByteAtATime, .threads) }
    func testTwoInOneSegment() { check(.twoInOneSegment, .threads) }
    func testTwoHundredAsOne() { check(.twoHundredAsOne, .threads) }
    func testTwoHundredAsThree() { check(.twoHundredAsThree, .threads) }
    func testPromptEcho() { check(.promptEcho, .threads) }
    func testVisibleBoundaries() { check(.visibleBoundaries, .threads) }
    func testSplitScalar() { check(.splitScalar, .threads) }
    func testHalfCloseSmall() { check(.halfCloseSmall, .threads) }
    func testHalfCloseLarge() { check(.halfCloseLarge, .threads) }
    func testHalfCloseAnySize() { check(.halfCloseAnySize, .threads) }
    func testBothSidesBlock() { check(.bothSidesBlock, .threads) }
    func testSecondClient() { check(.secondClient, .threads) }
    func testHundredAtOnce() { check(.hundredAtOnce, .threads) }
    func testIdleThreads() { check(.idleThreads, .threads) }
    func testNeverReaderMemory() { check(.neverReaderMemory, .threads) }
    func testNeverReaderNeighbour() { check(.neverReaderNeighbour, .threads) }
    func testClientLimit() { check(.clientLimit, .threads) }
    func testIdleTimeout() { check(.idleTimeout, .threads) }
    func testResetMidMessage() { check(.resetMidMessage, .threads) }
    func testResetBeforeAccept() { check(.resetBeforeAccept, .threads) }
    func testGoneBeforeReply() { check(.goneBeforeReply, .threads) }
    func testChurn() { check(.churn, .threads) }
    func testDescriptorsComeBack() { check(.descriptorsComeBack, .threads) }
    func testDescriptorsDontSpin() { check(.descriptorsDontSpin, .threads) }
    func testAcceptQueue() { check(.acceptQueue, .threads) }
    func testPortTaken() { check(.portTaken, .threads) }
    func testBadArguments() { check(.badArguments, .threads) }
    func testRestart() { check(.restart, .threads) }
    func testLoopbackOnly() { check(.loopbackOnly, .threads) }
    func testListeningLine() { check(.listeningLine, .threads) }
    func testLogLines() { check(.logLines, .threads) }
    func testLoggedText() { check(.loggedText, .threads) }
    func testManyMessages() { check(.manyMessages, .threads) }
    func testCrowd() { check(.crowd, .threads) }
    func testFullLogServes() { check(.fullLogServes, .threads) }
    func testGoneLog() { check(.goneLog, .threads) }
    func testClosedStreams() { check(.closedStreams, .threads) }
    func testUnreadLog() { check(.unreadLog, .threads) }
    func testInterruptIdle() { check(.interruptIdle, .threads) }
    func testTerminateIdle() { check(.terminateIdle, .threads) }
    func testHangUpIdle() { check(.hangUpIdle, .threads) }
    func testHangUpIgnored() { check(.hangUpIgnored, .threads) }
    func testNobodyThere() { check(.nobodyThere, .threads) }
    func testWhileStreaming() { check(.whileStreaming, .threads) }
    func testStalledReader() { check(.stalledReader, .threads) }
    func testRefusedWhileDraining() { check(.refusedWhileDraining, .threads) }
    func testSecondSignal() { check(.secondSignal, .threads) }
    func testPouringIn() { check(.pouringIn, .threads) }
    func testComingIn() { check(.comingIn, .threads) }
    func testEchoedSignal() { check(.echoedSignal, .threads) }
    func testUnreadLogEnd() { check(.unreadLogEnd, .threads) }
    func testUnreadLogTwice() { check(.unreadLogTwice, .threads) }
    func testFullLogShutdown() { check(.fullLogShutdown, .threads) }
    func testShutdownLog() { check(.shutdownLog, .threads) }

    override class func setUp() { StageRun.begin(.threads) }
    override class func tearDown() { StageRun.end(.threads) }
}
