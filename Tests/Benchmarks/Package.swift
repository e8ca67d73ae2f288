// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What the peers that stand on SwiftNIO need.
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    products: [
        // Counts allocations inside a server: loaded into it, hence a library of its own.
        .library(name: "MallocCount", type: .dynamic, targets: ["MallocCount"])
    ],
    dependencies: [
        // As in the workbook's own Package.swift: peers and stages stand on the same library.
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", exact: "0.2.0"),
    ],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                "BenchKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .target(
            name: "BenchKit",
            dependencies: [
                "CBench", "CRing", .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]
        ),
        .target(name: "CBench"),
        .target(name: "MallocCount"),
        .target(name: "CRing"),

        // The peers, in C: what the machine can do, and the loops of stages 1 and 2.
        .executableTarget(name: "Floor", dependencies: ["CBench"]),
        .executableTarget(name: "PollFloor", dependencies: ["CBench"]),
        .executableTarget(name: "Threads", dependencies: ["CBench"]),
        // The peers, in Swift: other ways to write stage 3, and one to write stage 4.
        .executableTarget(name: "HandlerEcho", dependencies: nio),
        .executableTarget(name: "PoolEcho", dependencies: nio),
        .executableTarget(name: "BridgeEcho", dependencies: nio),
        .executableTarget(name: "LoopEcho", dependencies: ["CBench"]),
        .executableTarget(name: "RingEcho", dependencies: ["CBench", "CRing"]),
        .executableTarget(name: "FramedEcho", dependencies: nio),

        .testTarget(name: "BenchKitTests", dependencies: ["BenchKit"]),
    ],
    swiftLanguageModes: [.v6]
)
