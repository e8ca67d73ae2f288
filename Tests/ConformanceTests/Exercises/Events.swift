// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What a check says to a program that follows it: docs/workbook, or one that grades a class.
///
/// Lines of words between tabs, appended to the file that WORKBOOK_EVENTS names as things happen;
/// docs/grading.md lists them.
enum Events {
    /// The file; nil if nobody follows.
    private static let file: Mutex<FileHandle?> = {
        guard let path = ProcessInfo.processInfo.environment["WORKBOOK_EVENTS"], !path.isEmpty
        else { return Mutex(nil) }
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let handle = FileHandle(forWritingAtPath: path)
        _ = try? handle?.seekToEnd()
        return Mutex(handle)
    }()

    /// Whether a program follows, which shows what happens in its own way.
    static var areFollowed: Bool { file.withLock { $0 != nil } }

    /// Appends one line; what would break it becomes a space.
    static func add(_ words: String...) {
        let line = words.map { word in
            word.map { $0 == "\t" || $0.isNewline ? " " : String($0) }.joined()
        }.joined(separator: "\t")
        file.withLock { _ = try? $0?.write(contentsOf: Data((line + "\n").utf8)) }
    }

    /// Appends what is decided, and the message for the reader, a line for each of its lines.
    static func add(_ verdict: Verdict) {
        switch verdict {
        case .solved(let remark):
            addMessage(remark)
            add("verdict", "solved", "")
        case .open(let symptom, let message):
            addMessage(message)
            add("verdict", "unsolved", symptom)
        }
    }

    /// Appends a message, a line for each of its lines.
    private static func addMessage(_ message: String) {
        guard !message.isEmpty else { return }
        for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
            add("message", String(line))
        }
    }
}
