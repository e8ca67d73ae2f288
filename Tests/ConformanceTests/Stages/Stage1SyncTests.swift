// SPDX-License-Identifier: Apache-2.0
// Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

import XCTest

/// What Stage1-Sync promises, and what it is declared to do instead.
final class Stage1SyncTests: XCTestCase {
    func testEveryByteValue() { check(.everyByteValue, .sync) }
    func testRandomMebibyte() { check(.randomMebibyte, .sync) }
    func testOneByteAtATime() { check(.oneByteAtATime, .sync) }
    func testTwoInOneSegment() { check(.twoInOneSegment, .sync) }
    func testTwoHundredAsOne() { check(.twoHundredAsOne, .sync) }
    func testTwoHundredAsThree() { check(.twoHundredAsThree, .sync) }
    func testPromptEcho() { check(.promptEcho, .sync) }
    func testVisibleBoundaries() { check(.visibleBoundaries, .sync) }
    func testSplitScalar() { check(.splitScalar, .sync) }
    func testHalfCloseSmall() { check(.halfCloseSmall, .sync) }
    func testHalfCloseLarge() { check(.halfCloseLarge, .sync) }
    func testHalfCloseAnySize() { check(.halfCloseAnySize, .sync) }
    func testBothSidesBlock() { check(.bothSidesBlock, .sync) }
    func testSecondClient() { check(.secondClient, .sync) }
    func testHundredAtOnce() { check(.hundredAtOnce, .sync) }
    func testNeverReaderMemory() { check(.neverReaderMemory, .sync) }
    func testNeverReaderNeighbour() { check(.neverReaderNeighbour, .sync) }
    func testIdleTimeout() { check(.idleTimeout, .sync) }
    func testResetMidMessage() { check(.resetMidMessage, .sync) }
    func testResetBeforeAccept() { check(.resetBeforeAccept, .sync) }
    func testGoneBeforeReply() { check(.goneBeforeReply, .sync) }
    func testChurn() { check(.churn, .sync) }
    func testAcceptQueue() { check(.acceptQueue, .sync) }
    func testPortTaken() { check(.portTaken, .sync) }
    func testBadArguments() { check(.badArguments, .sync) }
    func testRestart() { check(.restart, .sync) }
    func testLoopbackOnly() { check(.loopbackOnly, .sync) }
    func testListeningLine() { check(.listeningLine, .sync) }
    func testLogLines() { check(.logLines, .sync) }
    func testManyMessages() { check(.manyMessages, .sync) }
    func testCrowd() { check(.crowd, .sync) }
    func testFullLogServes() { check(.fullLogServes, .sync) }
    func testGoneLog() { check(.goneLog, .sync) }
    func testClosedStreams() { check(.closedStreams, .sync) }
    func testUnreadLog() { check(.unreadLog, .sync) }
    func testInterruptIdle() { check(.interruptIdle, .sync) }
    func testTerminateIdle() { check(.terminateIdle, .sync) }
    func testHangUpIdle() { check(.hangUpIdle, .sync) }
    func testHangUpIgnored() { check(.hangUpIgnored, .sync) }
    func testNobodyThere() { check(.nobodyThere, .sync) }
    func testWhileStreaming() { check(.whileStreaming, .sync) }
    func testStalledReader() { check(.stalledReader, .sync) }
    func testRefusedWhileDraining() { check(.refusedWhileDraining, .sync) }
    func testSecondSignal() { check(.secondSignal, .sync) }
    func testPouringIn() { check(.pouringIn, .sync) }
    func testComingIn() { check(.comingIn, .sync) }
    func testEchoedSignal() { check(.echoedSignal, .sync) }
    func testUnreadLogEnd() { check(.unreadLogEnd, .sync) }
    func testUnreadLogTwice() { check(.unreadLogTwice, .sync) }
    func testFullLogShutdown() { check(.fullLogShutdown, .sync) }
    func testShutdownLog() { check(.shutdownLog, .sync) }

    override class func setUp() { StageRun.begin(.sync) }
    override class func tearDown() { StageRun.end(.sync) }
}
