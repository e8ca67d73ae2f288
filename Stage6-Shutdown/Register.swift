// The clients that a shutdown has to tell and to wait for. SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOCore
import Synchronization

/// The connected clients, so that a shutdown can tell each, and wait until the last has left.
final class Register: Sendable {
    /// The clients; nil once the shutdown begins, under one lock, or one could slip in untold.
    private let clients = Mutex<[ObjectIdentifier: any Channel]?>([:])
    /// Counts the clients whose tasks have not ended.
    private let present = DispatchGroup()

    /// Whether the shutdown is still to come.
    var isServing: Bool { clients.withLock { $0 != nil } }

    /// Enters a client; false if it has come after the signal, and has to go.
    func enter(_ client: any Channel) -> Bool {
        clients.withLock { clients in
            guard clients != nil else { return false }
            clients?[ObjectIdentifier(client)] = client
            present.enter()
            return true
        }
    }

    /// Removes a client whose task has ended.
    func leave(_ client: any Channel) {
        clients.withLock { $0?[ObjectIdentifier(client)] = nil }
        present.leave()
    }

    /// Begins the shutdown and returns whom to tell; nil if it has begun before.
    func startDraining() -> [any Channel]? {
        clients.withLock { clients in
            defer { clients = nil }
            return clients.map { Array($0.values) }
        }
    }

    /// Returns when the last client has left.
    func lastHasLeft() async {
        await withCheckedContinuation { last in
            present.notify(queue: .global()) { last.resume() }
        }
    }
}
