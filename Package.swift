// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What the stages from 3 on build on.
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

/// The six programs, each in a folder of its own at the top level.
let stages: [(name: String, dependencies: [Target.Dependency])] = [
    ("Stage1-Sync", []),
    ("Stage2-Threads", []),
    ("Stage3-Async", nio),
    ("Stage4-Framing", nio),
    ("Stage5-Codec", nio),
    ("Stage6-Shutdown", nio),
]

let package = Package(
    name: "tcp-workbook",
    platforms: [.macOS(.v15)],
    dependencies: [
        // Exact, because a workbook that changes under a class is broken.
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2")
    ],
    targets: stages.map {
        .executableTarget(name: $0.name, dependencies: $0.dependencies, path: $0.name)
    } + [
        .testTarget(
            name: "ConformanceTests",
            dependencies: stages.map { .target(name: $0.name) } + nio
        )
    ],
    swiftLanguageModes: [.v6]
)
