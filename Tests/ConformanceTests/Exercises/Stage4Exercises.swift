// SPDX-License-Identifier: Apache-2.0

extension Exercise {
    /// The exercises of docs/exercises/stage4.md.
    static let stage4: [Exercise] = []
}
