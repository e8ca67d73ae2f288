// SPDX-License-Identifier: Apache-2.0

import Foundation

/// 6.4 A service group.
enum Exercise6_4 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .runsInAGroup, red: "there is no service group",
        changes: [
            Change(.secondSignal, .doesNotApply("a group hears one signal")),
            Change(.unreadLogTwice, .doesNotApply("a group hears one signal")),
        ])
}

extension Behaviour {
    /// Exercise 6.4: swift-service-lifecycle in place of our signal code.
    fileprivate static let runsInAGroup = Behaviour(
        family: .shutdown, title: "A service group runs the server, and shuts it down",
        chapter: .shutdown,
        hint: "A service is a type with run(). The group calls it, and tells it of a signal."
    ) { lab in
        if !lab.program.isForeign { try expectAGroup() }
        let server = try lab.server()
        let client = try lab.connect()
        try lab.exchange(Array("hello".utf8), over: client)
        lab.end(server, with: SIGINT)
        try lab.expectFarewell(to: client)
        // A second signal changes nothing, or ends it as the stage does. It is not left to the
        // system's default action, and doesn't trap.
        lab.end(server, with: SIGTERM)
        if let status = server.waitForExit(by: Deadline(in: 0.3)) {
            guard status == .exited(128 + SIGTERM) else {
                throw Deviation("a second signal ends it out of order", "  The server \(status).")
            }
            return
        }
        lab.timeline.add("… and goes on")
        client.close()
        try lab.expectOrderlyEnd(of: server)
    }

    /// Throws unless the stage's sources have a service group, and no signal code of their own.
    private static func expectAGroup() throws {
        let code = Stage.shutdown.code.map(\.text).joined(separator: "\n")
        guard code.contains("import ServiceLifecycle"), code.contains("ServiceGroup") else {
            throw Deviation(
                "there is no service group",
                "  The stage imports no ServiceLifecycle, or makes no ServiceGroup.")
        }
        if code.contains("makeSignalSource") {
            throw Deviation(
                "the signals are still our own",
                "  The stage has a ServiceGroup, and calls makeSignalSource, too: which of the "
                    + "two hears the signal?")
        }
    }
}
