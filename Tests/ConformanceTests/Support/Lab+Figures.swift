// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What clients cannot see, and the process's figures show.
extension Lab {
    /// Expects that the server makes no room for what has only been announced.
    func expectNoHoard(
        in server: Server, since before: (memory: Int, reserved: Int?), most: Int
    ) throws {
        let growth = server.memory - before.memory
        // Memory that has been reserved and not touched shows in the second figure only.
        let reserved = (server.reservedMemory ?? 0) - (before.reserved ?? 0)
        guard growth <= most, reserved <= 16 * most else {
            throw Deviation(
                Symptom.roomAnnounced,
                "  It has grown by \(growth / 1024) KiB, and reserved \(reserved / 1024) KiB more.")
        }
    }

    /// Whether standard error says such a thing of a client that leaves.
    ///
    /// Nobody waits longer than until its `Disconnected` line, as an error is logged before it; and
    /// hardly at all for another program, which may have other words, or none.
    func isLogged(of client: Client, where isIt: (String) -> Bool) throws -> Bool {
        let server = try server()
        let deadline = Deadline(in: judgesConsole ? 4 : 0.2)
        let end = "Disconnected: \(client.address)"
        return deadline.wait {
            let hasLeft = server.allOutput.contains(end)
            return server.allErrors.contains(where: isIt) || hasLeft
        } && server.allErrors.contains(where: isIt)
    }

    /// Waits until the server has done what there is to do, and rests; gives up after a while.
    func letFinish(_ server: Server) {
        let deadline = Deadline()
        var idle = 0
        while idle < 3, !deadline.hasPassed {
            let before = server.processorTime
            letPass(0.1)
            // A tick of the clock by which processes are charged is 0.01 s.
            idle = server.processorTime - before < 0.015 ? idle + 1 : 0
        }
    }

    /// Expects that a server that has nothing to do uses next to no processor time.
    ///
    /// - Parameters:
    ///   - server: The server.
    ///   - symptom: What it is called if it does something.
    ///   - moments: How many moments of 0.4 s in a row have to be idle.
    ///   - forgiven: How many may be busy with what came before.
    ///   - most: The share of a processor that is still nothing.
    /// - Throws: The symptom, with the share it takes.
    func expectIdle(
        _ server: Server, else symptom: String, moments: Int = 1, forgiven: Int = 4,
        most: Double = 0.05
    ) throws {
        var idle = 0
        var busy = 0
        while idle < moments {
            let before = server.processorTime
            let time = seconds { letPass(0.4) }
            let load = (server.processorTime - before) / time
            idle = load < most ? idle + 1 : 0
            busy += load < most ? 0 : 1
            guard busy <= forgiven else {
                throw Deviation(
                    symptom, String(format: "  %.0f %% of a processor, for nothing", load * 100))
            }
        }
    }
}
