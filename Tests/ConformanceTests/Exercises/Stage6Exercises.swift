// SPDX-License-Identifier: Apache-2.0

extension Exercise {
    /// The exercises of docs/exercises/stage6.md.
    static let stage6: [Exercise] = []
}
