// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "workbook",
    platforms: [.macOS(.v15)],
    targets: [
        .executableTarget(name: "book", dependencies: ["CTerminal"]),
        .target(name: "CTerminal"),
        .testTarget(name: "BookTests", dependencies: ["book"]),
    ],
    swiftLanguageModes: [.v6]
)
