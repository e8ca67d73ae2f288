// SPDX-License-Identifier: Apache-2.0

extension Exercise {
    /// The exercises of docs/exercises/stage1.md.
    static let stage1: [Exercise] = []
}
