// SPDX-License-Identifier: Apache-2.0

import Foundation
import XCTest

@testable import book

/// A picture can be read on a phone, on a light page and on a dark one, and by somebody who hears it.
final class PictureTests: XCTestCase {
    private static let root = URL(filePath: #filePath).appending(path: "../../../../..")
        .standardized

    /// Why a picture doesn't do; nothing if it does.
    private func faults(of svg: String) -> [String] {
        let wanted = [
            ("viewBox=\"0 0 480 ", "is not 480 wide"),
            ("(prefers-color-scheme: dark)", "knows no dark page"),
            ("<rect class=\"page\"", "has no panel of its own"),
            ("<title id=\"title\">", "has no title"), ("<desc id=\"desc\">", "has no description"),
        ]
        let sizes = svg.components(separatedBy: "font-size: ").dropFirst().compactMap {
            Int($0.prefix { $0.isNumber })
        }
        return wanted.filter { !svg.contains($0.0) }.map(\.1)
            + sizes.filter { $0 < 13 }.map { "has text of \($0) px" }
    }

    func testEveryDrawing() throws {
        let folder = Self.root.appending(path: "docs/pictures")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        XCTAssertGreaterThan(names.count, 10, "the pictures were not found")
        for name in names {
            let svg = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            XCTAssertEqual(faults(of: svg), [], name)
        }
    }

    /// The rule itself finds what it is to find.
    func testAPictureThatDoesNotDo() {
        let svg = "<svg viewBox=\"0 0 800 400\"><style>text { font-size: 12px }</style></svg>"
        XCTAssertEqual(
            faults(of: svg),
            [
                "is not 480 wide", "knows no dark page", "has no panel of its own", "has no title",
                "has no description", "has text of 12 px",
            ])
    }

    /// A terminal shows the alternative of `![…](…)`, and drops that of an HTML element.
    func testPagesShowPicturesAsMarkdownDoes() throws {
        let book = try XCTUnwrap(Book(["check", "--root", Self.root.path]))
        let pages = try book.pages() + book.otherPages()
        XCTAssertGreaterThan(pages.count, 15, "the pages were not found")
        for page in pages {
            for (index, line) in try page.prose() where line.contains("<img") {
                XCTFail("\(page.path):\(index + 1): write ![what it shows](file)")
            }
        }
    }
}
