// Invents clients. SPDX-License-Identifier: Apache-2.0

/// Invents what clients do, the same for the same seed and number.
struct ScriptMaker {
    /// Whom they talk to.
    let stage: Stage
    /// What everything comes from.
    let seed: UInt64

    /// What the client with this number does.
    func script(_ number: Int) -> Script {
        var chance = SeededGenerator(seed, client: number)
        let bytes = chance.next()
        let isRude = chance.chance(stage.servesOneAtATime ? 30 : 45)
        if !isRude { return Script(.honest, seed: bytes, honest(&chance)) }
        if stage.dialect.isFramed, chance.chance(35) {
            return wrong(seed: bytes, &chance)
        }
        return Script(.rude, seed: bytes, rude(&chance))
    }

    /// What an honest client does.
    private func honest(_ chance: inout SeededGenerator) -> [Step] {
        var steps: [Step] = []
        switch Int.random(in: 0..<10, using: &chance) {
        case 0...2: steps += talk(&chance, most: 300)
        case 3: steps += [pieces(&chance)] + talk(&chance, most: 40)
        case 4: steps += [.say(chance.size(0, 40), times: chance.size(1, 300))]
        case 5: steps += [.say(chance.size(1, 200_000)), .wait] + talk(&chance, most: 100)
        // Says all, shuts its write side, and is slow to read.
        case 6:
            steps += [
                .deaf(time(&chance)), .say(chance.size(1, 60_000), times: chance.size(1, 12)),
            ]
        case 7:
            steps += [
                .narrow, .say(chance.size(1, 60_000), times: chance.size(1, 8)),
                .deaf(time(&chance)),
            ]
        case 8:
            steps += [.pieces(chance.size(1_000, 70_000), gap: 0), .say(chance.size(1, 150_000))]
        default: steps += [.pause(time(&chance))]
        }
        return steps + (chance.chance(80) ? [.shut, .end] : [.wait, .close])
    }

    /// A conversation: a few messages, each answered before the next.
    private func talk(_ chance: inout SeededGenerator, most: Int) -> [Step] {
        var steps: [Step] = []
        for _ in 0..<Int.random(in: 1...8, using: &chance) {
            steps += [.say(chance.size(1, most)), .wait]
            if chance.chance(20) { steps.append(.pause(chance.size(1, 30))) }
        }
        return steps
    }

    /// Bytes that come in small pieces.
    private func pieces(_ chance: inout SeededGenerator) -> Step {
        .pieces(chance.size(1, 9), gap: Int.random(in: 0...3, using: &chance))
    }

    /// How long somebody does nothing, in milliseconds.
    private func time(_ chance: inout SeededGenerator) -> Int {
        stage.servesOneAtATime ? chance.size(1, 20) : chance.size(1, 400)
    }

    /// What breaks the wire format, but waits for what it is owed; or announces too much and doesn't.
    private func wrong(seed: UInt64, _ chance: inout SeededGenerator) -> Script {
        let before = talk(&chance, most: 100).filter { $0 != .wait }
        let tooLong = Dialect.limit + chance.size(1, 0xffff_ffff - Dialect.limit)
        switch Int.random(in: 0..<4, using: &chance) {
        case 0:
            return Script(.wrong, seed: seed, before + [.announce(tooLong, sent: 0), .end])
        case 1:
            let cut = [
                Step.announce(chance.size(10, 5_000), sent: Int.random(in: 0..<10, using: &chance))
            ]
            return Script(.wrong, seed: seed, before + cut + [.shut, .end])
        case 2:
            // A promise that isn't kept.
            let sent = chance.size(0, 2_000)
            let steps = before + [.announce(Dialect.limit, sent: sent), .pause(time(&chance))]
            return Script(.rude, seed: seed, steps + [chance.chance(50) ? .reset : .close])
        default:
            // Refused, and doesn't even read what it is owed.
            // More than the kernel takes, and the refused header in the same read as the last of it.
            let much = [Step.say(6_000_000), .announce(tooLong, sent: 0)]
            // Most of it is text. Half a second for each to repair would be all that a server does.
            let seed = chance.chance(10) ? seed : seed & ~1
            return Script(.rude, seed: seed, [.narrow, .deaf(nil)] + much + [.gone(4_000)])
        }
    }

    /// What others wouldn't do.
    private func rude(_ chance: inout SeededGenerator) -> [Step] {
        let size = chance.size(1, 100_000)
        switch Int.random(in: 0..<9, using: &chance) {
        case 0: return [.reset]
        case 1: return [.say(size), .reset]
        case 2: return [.say(size), .close]
        case 3: return [.say(size, times: 3), .pause(chance.size(1, 5)), .reset]
        case 4: return [.say(size), .shut, .pause(chance.size(1, 5)), .reset]
        case 5: return [pieces(&chance), .say(chance.size(1, 100)), .pause(time(&chance)), .close]
        case 6: return [.pause(time(&chance)), .reset]
        case 7: return [.narrow, .deaf(nil), .say(size, times: 3), .pause(time(&chance)), .close]
        default:
            // Sends for ever, one could say, and never reads.
            let count = stage.servesOneAtATime ? 1 << 20 : 16 << 20
            // Stays for a moment: what the server has read by then is what it costs.
            let stay = stage.servesOneAtATime ? 20 : 300
            return [
                .narrow, .deaf(nil), .say(60_000, times: count / 60_000), .pause(stay), .reset,
            ]
        }
    }
}
