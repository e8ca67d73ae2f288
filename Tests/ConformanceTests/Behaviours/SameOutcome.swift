// SPDX-License-Identifier: Apache-2.0

/// Two programs, the same bytes.
extension Behaviour {
    static let sameOutcome = Behaviour(
        family: .frames, title: "Stages 4 and 5 make the same of the same bytes", chapter: .codec,
        hint: "The codec is another way to write the same rules: lengths, limit, end of stream."
    ) { lab in
        let stages: [Stage] = [.framing, .codec]
        guard
            let other = stages.first(where: {
                $0.dialect.answer(to: []) != lab.dialect.answer(to: [])
            })
        else { return }
        let reference = Lab(program: other.ownProgram, dialect: other.dialect, judgesConsole: true)
        defer { reference.cleanUp() }
        var random = SeededGenerator(8)
        for round in 0..<30 {
            let script = Behaviour.script(using: &random)
            let outcome = try lab.play(script, withReason: lab.judgesConsole)
            let same = try reference.play(script, withReason: lab.judgesConsole)
            guard outcome == same else {
                throw Deviation(
                    Symptom.outcomesDiffer,
                    "  Script \(round + 1) of \(script.count) bytes: \(outcome.end) here, "
                        + "\(same.end) in \(other.name).\n"
                        + difference(expected: same.content, received: outcome.content))
            }
        }
    }

    /// A few frames and then, often, something that is none.
    private static func script(using random: inout SeededGenerator) -> [UInt8] {
        var script: [UInt8] = []
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            script += Dialect.frame(random.bytes(.random(in: 0...500, using: &random)))
        }
        switch Int.random(in: 0...4, using: &random) {
        case 0: script += Dialect.header(.random(in: 16 << 20...0xffff_ffff, using: &random))
        case 1:
            script += Dialect.frame(random.bytes(100)).dropLast(
                .random(in: 1...103, using: &random))
        default: break
        }
        return script
    }
}

extension Lab {
    /// Plays a script and returns what it leads to, without what differs by design.
    ///
    /// - Parameters:
    ///   - script: What the client sends.
    ///   - withReason: Whether what standard error calls it is a part of the outcome.
    /// - Returns: The content of the replies, and how the stream ended.
    /// - Throws: If the server cannot be connected to.
    fileprivate func play(
        _ script: [UInt8], withReason: Bool
    ) throws -> (content: [UInt8], end: String) {
        let client = try connect()
        try? client.send(script)
        client.shutdownWrite()
        let (received, end) = client.receiveToEnd()
        let address = client.address
        client.close()
        // Every connection ends with this line; an error comes before it.
        guard withReason else { return (dialect.content(of: received), "\(end)") }
        _ = try server().waitForOutput { $0 == "Disconnected: \(address)" }
        let errors = try server().allErrors.filter { $0.contains("\(address):") }
        let reason = errors.map { $0.split(separator: ":").dropFirst(2).joined(separator: ":") }
        return (dialect.content(of: received), "\(end)\(reason)")
    }
}
