// What a server prints. SPDX-License-Identifier: Apache-2.0

import Foundation

/// One of a server's standard streams, read without blocking and taken apart into lines.
struct LogStream {
    /// The end that we read from.
    let descriptor: Int32
    /// The lines that nobody has taken yet.
    private(set) var recent: [String] = []
    /// A line that shouldn't be: one that a terminal obeys, or one of any length.
    private(set) var offence: String?
    /// The beginning of a line whose end has not come.
    private var rest: [UInt8] = []

    /// Reads from a descriptor.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Reads what is there.
    mutating func read() {
        while true {
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else { return }
            rest += chunk
            guard let end = rest.lastIndex(of: 0x0a) else { continue }
            for line in rest[..<end].split(separator: 0x0a, omittingEmptySubsequences: false) {
                if Self.isOffence(line) {
                    offence = offence ?? String(decoding: line, as: UTF8.self)
                }
                recent.append(String(decoding: line, as: UTF8.self))
            }
            rest.removeFirst(end + 1)
        }
    }

    /// Takes the lines that have come since the last time.
    mutating func takeLines() -> [String] {
        defer { recent = [] }
        return recent
    }

    /// Waits for something to read.
    func waitForMore(_ milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, milliseconds)
    }

    /// Whether a line has a control character, one that turns the direction of text, or no end.
    private static func isOffence(_ line: ArraySlice<UInt8>) -> Bool {
        if line.count > 2_000 { return true }
        guard line.contains(where: { $0 < 0x20 || $0 > 0x7e }) else { return false }
        return String(decoding: line, as: UTF8.self).unicodeScalars.contains {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
        }
    }
}
