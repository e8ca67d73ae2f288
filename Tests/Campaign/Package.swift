// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "campaign",
    platforms: [.macOS(.v15)],
    products: [
        // Lets a server's system calls meet faults: loaded into it, hence a library of its own.
        .library(name: "KernelFaults", type: .dynamic, targets: ["KernelFaults"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2")
    ],
    targets: [
        .executableTarget(
            name: "campaign",
            dependencies: [
                "CampaignKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // Always optimised: otherwise it is the clients that everybody waits for.
        .target(name: "CampaignKit", swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "KernelFaults"),
        .testTarget(name: "CampaignKitTests", dependencies: ["CampaignKit"]),
    ],
    swiftLanguageModes: [.v6]
)
