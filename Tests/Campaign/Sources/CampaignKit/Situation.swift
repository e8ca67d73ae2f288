// What a signal may find. SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a signal finds when it comes.
public enum Situation: String, CaseIterable, Sendable {
    case starting
    case idle
    case midMessage = "mid-message"
    case streaming
    case stalled
    case connecting
    case closing
    case crowd
    case outOfDescriptors = "out-of-descriptors"
    case unreadLog = "unread-log"
    case bothSignals = "both-signals"

    /// The situation for a reader.
    public var words: String {
        switch self {
        case .starting: "the server is just starting"
        case .idle: "20 clients are silent"
        case .midMessage: "20 clients have just said something"
        case .streaming: "20 clients send all the time"
        case .stalled: "5 clients have sent a lot and read nothing"
        case .connecting: "60 clients are just connecting, and another one stays"
        case .closing: "60 clients are just closing, half of them with a reset"
        case .crowd: "2,000 clients are silent"
        case .outOfDescriptors: "60 clients, and descriptors for fewer"
        case .unreadLog: "nobody reads the log, and it is full"
        case .bothSignals: "20 clients are silent, and the other signal comes as well"
        }
    }

    /// How many clients are there before the signal.
    var guests: Int {
        switch self {
        case .starting: 0
        case .idle, .midMessage, .streaming, .bothSignals: 20
        case .stalled: 5
        case .connecting: 1
        case .closing, .outOfDescriptors: 60
        case .crowd: 2_000
        case .unreadLog: 3
        }
    }

    /// What the clients do.
    var habit: Guest.Habit {
        switch self {
        case .streaming: .streams
        case .stalled: .neverReads
        case .connecting: .stays
        default: .hangsUp
        }
    }

    /// What the server finds when it starts.
    var surroundings: Surroundings {
        switch self {
        case .outOfDescriptors: Surroundings(descriptors: 40)
        case .unreadLog: Surroundings(hasSmallPipe: true)
        default: Surroundings()
        }
    }

    /// Whether a client that was served before the signal has to get the farewell.
    var owesFarewell: Bool {
        switch self {
        // One doesn't read, others have gone; and who logs to a full pipe can't say goodbye.
        case .starting, .stalled, .closing, .unreadLog: false
        default: true
        }
    }

    /// The most that the end may take, in seconds, from the signal on: 2 s of grace and a margin, or
    /// just the margin if nobody has to be waited for.
    var limit: Double {
        switch self {
        // Two thousand farewells take their time, in server and clients.
        case .stalled, .connecting, .unreadLog, .crowd: 2 + Self.margin
        case .starting, .closing: Self.margin
        default: 1 + Self.margin
        }
    }

    /// What a busy machine may need on top, in seconds.
    static let margin = 0.5
}
