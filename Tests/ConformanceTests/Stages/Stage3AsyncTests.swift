// SPDX-License-Identifier: Apache-2.0
// Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

import XCTest

/// What Stage3-Async promises, and what it is declared to do instead.
final class Stage3AsyncTests: XCTestCase {
    func testEveryByteValue() { check(.everyByteValue, .async) }
    func testRandomMebibyte() { check(.randomMebibyte, .async) }
    func testOneByteAtATime() { check(.oneByteAtATime, .async) }
    func testTwoInOneSegment() { check(.twoInOneSegment, .async) }
    func testTwoHundredAsOne() { check(.twoHundredAsOne, .async) }
    func testTwoHundredAsThree() { check(.twoHundredAsThree, .async) }
    func testPromptEcho() { check(.promptEcho, .async) }
    func testVisibleBoundaries() { check(.visibleBoundaries, .async) }
    func testSplitScalar() { check(.splitScalar, .async) }
    func testHalfCloseSmall() { check(.halfCloseSmall, .async) }
    func testHalfCloseLarge() { check(.halfCloseLarge, .async) }
    func testHalfCloseAnySize() { check(.halfCloseAnySize, .async) }
    func testBothSidesBlock() { check(.bothSidesBlock, .async) }
    func testSecondClient() { check(.secondClient, .async) }
    func testHundredAtOnce() { check(.hundredAtOnce, .async) }
    func testIdleThreads() { check(.idleThreads, .async) }
    func testNeverReaderMemory() { check(.neverReaderMemory, .async) }
    func testNeverReaderNeighbour() { check(.neverReaderNeighbour, .async) }
    func testClientLimit() { check(.clientLimit, .async) }
    func testIdleTimeout() { check(.idleTimeout, .async) }
    func testResetMidMessage() { check(.resetMidMessage, .async) }
    func testResetBeforeAccept() { check(.resetBeforeAccept, .async) }
    func testGoneBeforeReply() { check(.goneBeforeReply, .async) }
    func testChurn() { check(.churn, .async) }
    func testDescriptorsComeBack() { check(.descriptorsComeBack, .async) }
    func testDescriptorsDontSpin() { check(.descriptorsDontSpin, .async) }
    func testAcceptQueue() { check(.acceptQueue, .async) }
    func testPortTaken() { check(.portTaken, .async) }
    func testBadArguments() { check(.badArguments, .async) }
    func testRestart() { check(.restart, .async) }
    func testLoopbackOnly() { check(.loopbackOnly, .async) }
    func testListeningLine() { check(.listeningLine, .async) }
    func testLogLines() { check(.logLines, .async) }
    func testManyMessages() { check(.manyMessages, .async) }
    func testCrowd() { check(.crowd, .async) }
    func testFullLogServes() { check(.fullLogServes, .async) }
    func testGoneLog() { check(.goneLog, .async) }
    func testClosedStreams() { check(.closedStreams, .async) }
    func testUnreadLog() { check(.unreadLog, .async) }
    func testInterruptIdle() { check(.interruptIdle, .async) }
    func testTerminateIdle() { check(.terminateIdle, .async) }
    func testHangUpIdle() { check(.hangUpIdle, .async) }
    func testHangUpIgnored() { check(.hangUpIgnored, .async) }
    func testNobodyThere() { check(.nobodyThere, .async) }
    func testWhileStreaming() { check(.whileStreaming, .async) }
    func testStalledReader() { check(.stalledReader, .async) }
    func testRefusedWhileDraining() { check(.refusedWhileDraining, .async) }
    func testSecondSignal() { check(.secondSignal, .async) }
    func testPouringIn() { check(.pouringIn, .async) }
    func testComingIn() { check(.comingIn, .async) }
    func testEchoedSignal() { check(.echoedSignal, .async) }
    func testUnreadLogEnd() { check(.unreadLogEnd, .async) }
    func testUnreadLogTwice() { check(.unreadLogTwice, .async) }
    func testFullLogShutdown() { check(.fullLogShutdown, .async) }
    func testShutdownLog() { check(.shutdownLog, .async) }

    override class func setUp() { StageRun.begin(.async) }
    override class func tearDown() { StageRun.end(.async) }
}
