// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Lab {
    /// Expects the farewell and the end of the stream.
    func expectFarewell(to client: Client) throws {
        let (received, end) = client.receiveToEnd()
        guard received == dialect.farewell, end == .endOfStream else {
            throw Deviation(
                end == .reset ? Symptom.farewellReset : Symptom.noFarewell,
                difference(expected: dialect.farewell, received: received))
        }
    }

    /// Expects exit status 0, without a wait for a deadline.
    func expectOrderlyEnd(of server: Server) throws {
        let status = server.waitForExit(by: Deadline(in: 4))
        guard status == .exited(0) else {
            throw Deviation(
                status == nil ? Symptom.noEnd : Symptom.outOfOrder,
                status.map { "  The server \($0)." } ?? "")
        }
    }
}
