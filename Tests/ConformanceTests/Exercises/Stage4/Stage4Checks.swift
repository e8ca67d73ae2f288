// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Lab {
    /// Expects this one answer, and the end of the stream at once.
    ///
    /// - Parameters:
    ///   - answer: What is to come.
    ///   - received: What came.
    ///   - end: How it ended.
    ///   - unwanted: What stands behind the message that was to be answered.
    /// - Throws: What is wrong.
    func expectOnly(
        _ answer: [UInt8], _ received: [UInt8], _ end: Client.End, unwanted: String
    ) throws {
        if received.count > answer.count, received.starts(with: answer) {
            let more = received.dropFirst(answer.count)
            let behind = dialect.answer(to: Array("behind".utf8))
            throw Deviation(
                more.starts(with: behind)
                    ? "it goes on after what it refused" : "\(unwanted) is answered",
                "  more than expected: \(more.dump)")
        }
        try compare(answer, received, end)
        if end == .timeout { throw Deviation(Symptom.noClose) }
        if end == .reset { throw Deviation(Symptom.resetAtEnd) }
    }

    /// Expects a line on standard error that names a client and has a word in it.
    func expectErrorLine(of client: Client, naming word: String) throws {
        let address = client.address
        let deadline = Deadline(in: judgesConsole ? 4 : 0)
        let line = try server().waitForError(by: deadline) {
            $0.contains(address) && $0.lowercased().contains(word)
        }
        if line == nil {
            try console(
                Deviation(
                    "standard error does not say why",
                    "  expected: a line with \(address) and \"\(word)\""))
        }
    }
}
