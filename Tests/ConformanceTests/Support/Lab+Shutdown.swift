// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is expected of a server that is told to end.
extension Lab {
    /// Expects the farewell and the end of the stream.
    func expectFarewell(_ client: Client, _ server: Server) throws {
        let farewell = dialect.farewell
        let (bytes, end) = client.receiveToEnd()
        if bytes != farewell || end != .endOfStream {
            throw missing(farewell, in: bytes, end, server)
        }
    }

    /// What happened instead of a farewell.
    func missing(
        _ farewell: [UInt8], in bytes: [UInt8], _ end: Client.End, _ server: Server
    ) -> Deviation {
        if case .signalled? = server.waitForExit(by: Deadline(in: 3)) {
            return Deviation(Symptom.killed, "")
        }
        let tail = Array(bytes.suffix(farewell.count))
        return Deviation(
            end == .reset ? Symptom.farewellReset : Symptom.noFarewell,
            difference(expected: farewell, received: tail))
    }

    /// Expects the process to end in order.
    func expectExit(
        _ server: Server, status: ExitStatus = .exited(0), within seconds: Double
    ) throws {
        switch server.waitForExit(by: Deadline(in: seconds)) {
        case status?: return
        case .signalled(SIGTERM)?, .signalled(SIGINT)?, .signalled(SIGHUP)?:
            throw Deviation(Symptom.killed, "")
        case nil where server.allErrors.contains(where: { $0.contains("Fatal error") }),
            .signalled?:
            throw Deviation(Symptom.crashes)
        case let other?: throw Deviation(Symptom.outOfOrder, "  It \(other).")
        case nil: throw Deviation(Symptom.noEnd, "  after \(seconds) s")
        }
    }
}
