// SPDX-License-Identifier: Apache-2.0

/// 3.2 Tasks instead of threads.
enum Exercise3_2 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.build(lesson: .idleThreads, red: Symptom.threadPerClient)
}
