// What must not be. SPDX-License-Identifier: Apache-2.0

/// Something that a server must not do, whoever its clients are.
public struct Violation: Equatable, Sendable {
    /// The promise that was broken.
    enum Kind: String, Sendable {
        case wrongBytes = "a client got bytes that it wasn't owed"
        case lostBytes = "an honest client didn't get all that it was owed"
        case stuck = "an honest client waits, and nothing happens"
        case kept = "a client that was to be cut off is still there"
        case ended = "the process has ended"
        case descriptors = "descriptors are left over"
        case threads = "threads are left over"
        case mappings = "mappings of memory are left over"
        case memory = "memory is left over"
        case peak = "clients cost more memory than they may"
        case busy = "the process computes though nobody is there"
        case complaint = "standard error says what it shouldn't"
        case log = "the log has what a terminal would obey, or lines of any length"
        case unequal = "the log names more clients that came than clients that went"
        case untried = "nothing was tried"
        case shutdown = "the shutdown is not as promised"
    }

    /// The promise that was broken.
    let kind: Kind
    /// What was seen, with its figures.
    let what: String
    /// The number of the client that saw it, if it was one.
    var client: Int?

    /// The promise in words.
    public var promise: String { kind.rawValue }
    /// What was seen.
    public var story: String { what }
}
