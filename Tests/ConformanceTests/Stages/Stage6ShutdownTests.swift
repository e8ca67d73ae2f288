// SPDX-License-Identifier: Apache-2.0
// Made from Matrix/Declarations.swift: UPDATE_MATRIX=1 swift test --filter Matrix

import XCTest

/// What Stage6-Shutdown promises, and what it is declared to do instead.
final class Stage6ShutdownTests: XCTestCase {
    func testEveryByteValue() { check(.everyByteValue, .shutdown) }
    func testRandomMebibyte() { check(.randomMebibyte, .shutdown) }
    func testOneByteAtATime() { check(.oneByteAtATime, .shutdown) }
    func testTwoInOneSegment() { check(.twoInOneSegment, .shutdown) }
    func testTwoHundredAsOne() { check(.twoHundredAsOne, .shutdown) }
    func testTwoHundredAsThree() { check(.twoHundredAsThree, .shutdown) }
    func testPromptEcho() { check(.promptEcho, .shutdown) }
    func testVisibleBoundaries() { check(.visibleBoundaries, .shutdown) }
    func testSplitScalar() { check(.splitScalar, .shutdown) }
    func testHalfCloseSmall() { check(.halfCloseSmall, .shutdown) }
    func testHalfCloseLarge() { check(.halfCloseLarge, .shutdown) }
    func testHalfCloseAnySize() { check(.halfCloseAnySize, .shutdown) }
    func testBothSidesBlock() { check(.bothSidesBlock, .shutdown) }
    func testSecondClient() { check(.secondClient, .shutdown) }
    func testHundredAtOnce() { check(.hundredAtOnce, .shutdown) }
    func testIdleThreads() { check(.idleThreads, .shutdown) }
    func testNeverReaderMemory() { check(.neverReaderMemory, .shutdown) }
    func testNeverReaderNeighbour() { check(.neverReaderNeighbour, .shutdown) }
    func testClientLimit() { check(.clientLimit, .shutdown) }
    func testIdleTimeout() { check(.idleTimeout, .shutdown) }
    func testResetMidMessage() { check(.resetMidMessage, .shutdown) }
    func testResetBeforeAccept() { check(.resetBeforeAccept, .shutdown) }
    func testGoneBeforeReply() { check(.goneBeforeReply, .shutdown) }
    func testChurn() { check(.churn, .shutdown) }
    func testDescriptorsComeBack() { check(.descriptorsComeBack, .shutdown) }
    func testDescriptorsDontSpin() { check(.descriptorsDontSpin, .shutdown) }
    func testAcceptQueue() { check(.acceptQueue, .shutdown) }
    func testPortTaken() { check(.portTaken, .shutdown) }
    func testBadArguments() { check(.badArguments, .shutdown) }
    func testRestart() { check(.restart, .shutdown) }
    func testLoopbackOnly() { check(.loopbackOnly, .shutdown) }
    func testListeningLine() { check(.listeningLine, .shutdown) }
    func testLogLines() { check(.logLines, .shutdown) }
    func testManyMessages() { check(.manyMessages, .shutdown) }
    func testCrowd() { check(.crowd, .shutdown) }
    func testFullLogServes() { check(.fullLogServes, .shutdown) }
    func testGoneLog() { check(.goneLog, .shutdown) }
    func testClosedStreams() { check(.closedStreams, .shutdown) }
    func testUnreadLog() { check(.unreadLog, .shutdown) }
    func testInterruptIdle() { check(.interruptIdle, .shutdown) }
    func testTerminateIdle() { check(.terminateIdle, .shutdown) }
    func testHangUpIdle() { check(.hangUpIdle, .shutdown) }
    func testHangUpIgnored() { check(.hangUpIgnored, .shutdown) }
    func testNobodyThere() { check(.nobodyThere, .shutdown) }
    func testEarlySignal() { check(.earlySignal, .shutdown) }
    func testWhileStreaming() { check(.whileStreaming, .shutdown) }
    func testStalledReader() { check(.stalledReader, .shutdown) }
    func testRefusedWhileDraining() { check(.refusedWhileDraining, .shutdown) }
    func testSecondSignal() { check(.secondSignal, .shutdown) }
    func testPouringIn() { check(.pouringIn, .shutdown) }
    func testComingIn() { check(.comingIn, .shutdown) }
    func testEchoedSignal() { check(.echoedSignal, .shutdown) }
    func testUnreadLogEnd() { check(.unreadLogEnd, .shutdown) }
    func testUnreadLogTwice() { check(.unreadLogTwice, .shutdown) }
    func testFullLogShutdown() { check(.fullLogShutdown, .shutdown) }
    func testShutdownLog() { check(.shutdownLog, .shutdown) }
    func testFarewellIsNoData() { check(.farewellIsNoData, .shutdown) }

    override class func setUp() { StageRun.begin(.shutdown) }
    override class func tearDown() { StageRun.end(.shutdown) }
}
