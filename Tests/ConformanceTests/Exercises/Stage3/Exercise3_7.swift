// SPDX-License-Identifier: Apache-2.0

/// 3.7 A leaner bridge.
enum Exercise3_7 {
    /// What the reader does, and what judges it.
    static let kind = Exercise.Kind.extend(
        .crossesItsOwnBridge, red: "it crosses the library's bridge")
}

extension Behaviour {
    /// Exercise 3.7: the library's bridge from a channel to a task is not used for clients.
    fileprivate static let crossesItsOwnBridge = Behaviour(
        family: .neighbours, title: "Tasks await their channels over a bridge of its own",
        chapter: .async,
        hint: "The channel tells a handler what happens; a continuation hands it to the task."
    ) { lab in
        try lab.expectNo(
            #"\b(wrappingChannelSynchronously|synchronouslyWrapping)\b"#,
            "it crosses the library's bridge")
        try lab.expectTasks()
        let client = try lab.connect()
        try lab.talk("hello", over: client)
    }
}
