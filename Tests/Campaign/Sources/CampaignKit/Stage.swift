// What the campaign knows of the six servers. SPDX-License-Identifier: Apache-2.0

import Foundation

/// One of the six programs.
public enum Stage: Int, CaseIterable, Sendable {
    case sync = 1
    case threads
    case async
    case framing
    case codec
    case shutdown

    /// The name of the program and of its folder.
    public var name: String {
        switch self {
        case .sync: "Stage1-Sync"
        case .threads: "Stage2-Threads"
        case .async: "Stage3-Async"
        case .framing: "Stage4-Framing"
        case .codec: "Stage5-Codec"
        case .shutdown: "Stage6-Shutdown"
        }
    }

    /// Finds a stage by its number or by the beginning of its name: `4`, `Stage4`, `Stage4-Framing`.
    public init?(_ text: String) {
        let found = Stage.allCases.first {
            text == "\($0.rawValue)" || (text.count > 5 && $0.name.hasPrefix(text))
        }
        guard let found else { return nil }
        self = found
    }

    /// How its clients talk.
    public var dialect: Dialect {
        switch self {
        case .sync, .async, .shutdown: .echo
        case .threads: .prefixed
        case .framing: .framed { "Received \($0) bytes: " }
        case .codec: .framed { _ in "Got it: " }
        }
    }

    /// Whether a few threads wait for all clients at once.
    var hasLoops: Bool { rawValue >= Stage.async.rawValue }

    /// Whether one client waits for the other.
    var servesOneAtATime: Bool { self == .sync }

    /// How many clients come at once, unless told otherwise; an accept queue of 128 has room for
    /// those of stage 1.
    public var usualCrowd: Int { servesOneAtATime ? 60 : 200 }

    /// How long an honest client waits for progress before it gives up, in seconds.
    var patience: Double { servesOneAtATime ? 60 : 10 }

    /// The most that a client costs which has sent a lot and reads nothing, in bytes; `frame` is the
    /// longest of its messages.
    func neverReaderMemory(frame: Int) -> Int {
        switch dialect {
        case .echo, .prefixed: 4 << 20
        // One reply, which is three times its payload at worst, and 8 MiB.
        case .framed: 3 * frame + 8 << 20
        }
    }
}
