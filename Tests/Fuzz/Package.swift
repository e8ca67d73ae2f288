// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        // As in the workbook's own Package.swift.
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2")
    ],
    targets: [
        // Stage 4's own files and stage 5's codec (links), with another console: it is the fuzzer's.
        .executableTarget(
            name: "framing",
            dependencies: [
                "CFuzzer",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            // Every branch of these files is counted: what reaches a new one is kept and varied.
            swiftSettings: [.unsafeFlags(["-sanitize=fuzzer", "-O"])]
        ),
        .target(name: "CFuzzer"),
    ],
    swiftLanguageModes: [.v6]
)
