// A page whose tables are made from a run's results. SPDX-License-Identifier: Apache-2.0

import Foundation

/// A page of Markdown with marked places for tables.
///
///     <!-- table: EXPERIMENT; LOAD; METRIC + METRIC -->    a row a server, a column a metric
///     <!-- loads: EXPERIMENT; METRIC; LOAD + LOAD -->      a row a server, a column a load
///     <!-- verdicts -->                                    what is commonly said, and whether it holds
///     <!-- aims -->                                        every aim, and what was measured
///     <!-- machine -->                                     where and how it was measured
///     <!-- quiet -->                                       how busy the machine was with other work
///
/// What stands between such a line and the next `<!-- end -->` is made; the rest is left alone.
/// LOAD may be left out, and means all of them then.
public struct Chapter {
    /// The results.
    private let report: Report

    /// Creates a source of tables.
    public init(_ report: Report) { self.report = report }

    /// The page with every table made anew.
    ///
    /// - Throws: What is wrong with a marked place: no end, or nothing to show there.
    public func filled(_ page: String) throws -> String {
        var filled: [String] = []
        var isInside = false
        for line in page.components(separatedBy: "\n") {
            if line == "<!-- end -->" {
                isInside = false
            } else if isInside {
                guard !line.hasPrefix("<!-- ") else { throw Failure("no end before \(line)") }
                continue
            }
            filled.append(line)
            if let lines = try made(for: line) {
                filled += [""] + lines + [""]
                isInside = true
            }
        }
        if isInside { throw Failure("no end before the end of the page") }
        return filled.joined(separator: "\n")
    }

    /// What the results say at odds with a page and its pictures; nothing if all is well.
    ///
    /// - Parameters:
    ///   - page: The page.
    ///   - folder: The folder that the page's links start from.
    /// - Returns: A line for each problem.
    /// - Throws: What is wrong with a marked place.
    public func problems(of page: String, in folder: URL) throws -> [String] {
        var problems: [String] = []
        let (now, then) = (try filled(page), page)
        if now != then {
            let pairs = zip(now.split(separator: "\n"), then.split(separator: "\n"))
            let difference = pairs.first { $0 != $1 }
            problems.append(
                "the tables are not those of the results: "
                    + "\(difference?.1 ?? "too few lines") should be \(difference?.0 ?? "others")")
        }
        let parts = page.components(separatedBy: CharacterSet(charactersIn: "\"()"))
        for part in parts.filter({ $0.hasPrefix("measurements/") && $0.hasSuffix(".svg") }) {
            let file = folder.appendingPathComponent(part)
            let picture = try? String(contentsOf: file, encoding: .utf8)
            if picture?.contains(report.measured) != true {
                problems.append("\(part) is not drawn from the results; see `bench draw`")
            }
        }
        return problems
    }

    /// The lines that a marker asks for; nil if the line is none.
    private func made(for line: String) throws -> [String]? {
        guard line.hasPrefix("<!-- "), line.hasSuffix(" -->") else { return nil }
        let words = line.dropFirst(5).dropLast(4)
        if words == "verdicts" { return verdicts() }
        if words == "aims" { return aims() }
        if words == "machine" { return machine() }
        if words == "quiet" { return quiet() }
        let parts = words.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["table", "loads"].contains(parts[0]) else { return nil }
        let fields = parts[1].components(separatedBy: ";")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard fields.count == 3,
            let finding = report.findings.first(where: { $0.name == fields[0] })
        else { throw Failure("nothing to show: \(line)") }
        let lines =
            parts[0] == "table"
            ? table(finding, load: fields[1], metrics: list(fields[2]))
            : loads(finding, metric: fields[1], loads: list(fields[2]))
        guard lines.count > 2 else { throw Failure("nothing to show: \(line)") }
        return lines
    }

    /// The names in a list.
    private func list(_ text: String) -> [String] {
        text.components(separatedBy: " + ").filter { !$0.isEmpty }
    }

    /// A row a server, a column a metric.
    private func table(_ finding: Finding, load: String, metrics: [String]) -> [String] {
        let rows = finding.rows.filter { load.isEmpty || $0.group == load }
        let showsLoad = Set(rows.map(\.group)).count > 1
        let names = showsLoad ? ["load", "server"] : [rows.first?.group ?? ""]
        return markdown(
            names + metrics, figures: metrics.count,
            rows: rows.map { row in
                let name = row.name + (row.failure.map { " (failed: \($0))" } ?? "")
                return (showsLoad ? [row.group] : []) + [name]
                    + metrics.map { cell(row.summaries[$0], $0) }
            })
    }

    /// A row a server, a column a load.
    private func loads(_ finding: Finding, metric: String, loads: [String]) -> [String] {
        let rows = finding.rows.filter { $0.summaries[metric] != nil }
        let groups = rows.map(\.group).unique.filter { loads.isEmpty || loads.contains($0) }
        return markdown(
            [metric] + groups, figures: groups.count,
            rows: rows.filter { groups.contains($0.group) }.map(\.name).unique.map { name in
                [name]
                    + groups.map { group in
                        let row = rows.first { $0.group == group && $0.name == name }
                        return cell(row?.summaries[metric], metric)
                    }
            })
    }

    /// What is commonly said, the two figures, their ratio, and whether it holds.
    private func verdicts() -> [String] {
        markdown(
            ["it is said", "so?", "ratio", "measured", "compared"], figures: 2, from: 2,
            rows: Verdict.all.compactMap { $0.cells(in: report) })
    }

    /// Every aim, what was measured, and whether that is enough.
    private func aims() -> [String] {
        markdown(
            ["aim", "at least", "at most", "measured", ""], figures: 3, from: 1,
            rows: Aim.all.map { aim in
                let value = aim.value(in: report)
                let verdict = value.map { aim.isMet(by: $0) ? "met" : "**missed**" }
                return [
                    aim.subject, aim.least.map { "\($0)" } ?? "", aim.most.map { "\($0)" } ?? "",
                    value.map { figure($0, of: aim) } ?? "", verdict ?? "**not measured**",
                ]
            })
    }

    /// A figure in three digits, or in as many as show on which side of its aim it is.
    private func figure(_ value: Double, of aim: Aim) -> String {
        let short = String(format: "%.3g", value)
        let looks = Double(short).map(aim.isMet)
        return looks == aim.isMet(by: value) ? short : String(format: "%.5g", value)
    }

    /// How many cores others kept busy, for each experiment that has looked, and how far rounds differ.
    private func quiet() -> [String] {
        let most = 0.2
        return markdown(
            ["experiment", "measurements", "disturbed", "at most", "spread"], figures: 4,
            rows: report.findings.compactMap { finding in
                let busy = finding.rows.flatMap { $0.summaries[Metric.others.name]?.values ?? [] }
                guard let worst = busy.max() else { return nil }
                return [
                    finding.name, "\(busy.count)", "\(busy.count { $0 > most })",
                    String(format: "%.2f", max(0, worst)), spread(of: finding),
                ]
            })
    }

    /// The greatest processor time for a message divided by the least, in the row in the middle.
    private func spread(of finding: Finding) -> String {
        let spreads = finding.rows.compactMap { $0.summaries[Metric.cpu.name] }
            .filter { $0.values.count > 1 && $0.least > 0 }
            .map { $0.greatest / $0.least }
        return spreads.isEmpty ? "" : String(format: "×%.2f", Summary.median(of: spreads))
    }

    /// Where, when and how it was measured.
    private func machine() -> [String] {
        let machine = report.machine
        let packages = machine.packages.filter { $0.key == "swift-nio" }
            .map { "\($0.key) \($0.value)" }
        let processor = machine.processor.map { "\($0), " } ?? ""
        return [
            "Measured \(report.measured.prefix(10)) on \(processor)\(machine.architecture), "
                + "\(machine.cores) cores, \(machine.memory) GiB; \(machine.system), "
                + "\(([machine.kernel, machine.swift] + packages).joined(separator: "; ")). "
                + "\(report.rounds) paired rounds of \(report.seconds) s, "
                + "\(report.loadThreads) threads of load."
        ]
    }

    /// Lines of a Markdown table, whose last columns, or those from one on, hold figures.
    private func markdown(
        _ head: [String], figures: Int, from column: Int? = nil, rows: [[String]]
    ) -> [String] {
        let first = column ?? head.count - figures
        let rule = head.indices.map { $0 >= first && $0 < first + figures ? "--:" : "---" }
        return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// The median, and how many times the first row's it is.
    private func cell(_ summary: Summary?, _ metric: String) -> String {
        guard let summary else { return "" }
        // Memory and shares are differences that can be next to nothing: no ratio means a thing.
        let differences = ["kB each", "gained", "gained each", "threads", "busy", "elsewhere"]
        guard !differences.contains(where: metric.hasSuffix) else {
            let tenths = (summary.median * 10).rounded() / 10
            if metric == "threads", tenths < 100 { return "\(Int(tenths))" }
            let isSmall = tenths != 0 && abs(tenths) < 100
            return isSmall ? String(format: "%.1f", tenths) : tenths.inThreeDigits
        }
        return summary.median.inThreeDigits
            + (summary.ratio.map { String(format: " (×%.2f)", $0) } ?? "")
    }
}

extension Double {
    /// The value in three digits: 0.123, 12.3, 12,300.
    var inThreeDigits: String {
        let size = abs(self)
        if size < 0.005 { return "0" }
        guard size >= 100 else { return String(format: size >= 10 ? "%.1f" : "%.2f", self) }
        var step = 1.0
        while size / step >= 1000 { step *= 10 }
        var digits = String(Int((self / step).rounded() * step))
        var position = digits.count - 3
        while position > 0, size >= 1000 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return digits
    }
}
