// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Clients that do not say goodbye.
extension Behaviour {
    static let resetMidMessage = Behaviour(
        family: .rude, title: "A reset in the middle of a message ends that connection only",
        chapter: .sync,
        hint: "An error of one connection belongs to that connection: handle it where it is served."
    ) { lab in
        for _ in 0..<20 {
            let client = try lab.connect()
            try lab.exchange(Array("hello".utf8), over: client)
            try client.send(
                lab.dialect.message([UInt8](repeating: 0x78, count: 100_000)).prefix(50_000))
            client.reset()
        }
    }

    static let resetBeforeAccept = Behaviour(
        family: .rude, title: "200 connections that are reset before they are accepted do no harm",
        chapter: .threads,
        hint: "What accept returns may be gone already: asking for its address can fail."
    ) { lab in
        let server = try lab.server()
        for _ in 0..<2 {
            // A stopped server accepts nobody; the kernel completes the connections all the same.
            server.signal(SIGSTOP)
            do {
                defer { server.signal(SIGCONT) }
                let clients = try (0..<100).map { _ in try lab.connect("a client") }
                for client in clients { client.reset() }
            }
            // Who is answered behind them knows that the queue has been emptied.
            let next = try lab.connect("the next client")
            try lab.exchange(Array("hello".utf8), over: next)
            next.close()
        }
    }

    static let goneBeforeReply = Behaviour(
        family: .rude, title: "A client that is gone before its answer does no harm",
        chapter: .sync,
        hint: "Writing to a closed connection raises SIGPIPE, which ends the process: ignore it."
    ) { lab in
        let server = try lab.server()
        for _ in 0..<20 {
            // While the server stands still nothing comes back, so the client leaves in order; what
            // is sent to it afterwards is answered by a reset, and what is sent then, by SIGPIPE.
            server.signal(SIGSTOP)
            defer { server.signal(SIGCONT) }
            let client = try lab.connect()
            try client.send(lab.dialect.messages([UInt8](repeating: 0x78, count: 50_000)))
            client.close()
        }
    }

    static let churn = Behaviour(
        family: .rude,
        title: "2,000 connects and closes leave no descriptor and no thread behind", chapter: .sync,
        hint: "Every way out of a connection has to close it: the end, the error, the early return."
    ) { lab in
        let server = try lab.server()
        for _ in 0..<20 {
            let client = try lab.connect("an earlier client")
            try lab.exchange(Array("hello".utf8), over: client)
            client.close()
        }
        let cores = ProcessInfo.processInfo.processorCount
        // The clients above may still be on their way out.
        letPass(0.2)
        let descriptors = server.openDescriptors
        let threads = server.threads
        for number in 0..<2000 {
            let client = try lab.connect("a client")
            if number % 2 == 0 { client.close() } else { client.reset() }
        }
        // Who is answered behind them knows that the queue has been emptied.
        let next = try lab.connect("the next client")
        try lab.exchange(Array("hello".utf8), over: next, by: Deadline(in: 20))
        next.close()
        let isBack = waitWhileItProgresses {
            max(0, server.openDescriptors - descriptors)
                + max(0, server.threads - threads - cores)
        }
        guard isBack else {
            throw Deviation(
                Symptom.leftBehind,
                "  descriptors: \(descriptors) before, \(server.openDescriptors) after; "
                    + "threads: \(threads) before, \(server.threads) after")
        }
    }
}
