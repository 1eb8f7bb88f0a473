extension Diagnosis {
    /// The report: what the ranks have, then what is wrong.
    /// - Parameter width: of a line in characters.
    public func lines(width: Int = 100) -> [String] {
        title + results.flatMap { section($0, width) } + [""] + list(width)
    }

    private var title: [String] {
        let hosts = sites.filter(\.isFirstOfHost).map(\.host)
        let ranks = Fact.count(sites.count, "rank")
        if hosts.count == 1 { return ["aam doctor: \(ranks) on \(hosts[0])"] }
        let counts = hosts.map { host in "\(host) \(sites.count { $0.host == host })" }
        let most = 8
        let rest = counts.count > most ? [", and \(counts.count - most) more"] : []
        return [
            "aam doctor: \(ranks) on \(hosts.count) hosts: "
                + ([counts.prefix(most).joined(separator: ", ")] + rest).joined()
        ]
    }

    private func section(_ result: CheckResult, _ width: Int) -> [String] {
        let table = FactTable(result.facts, of: result.sites)
        let labels = results.flatMap { result in result.facts.flatMap { $0.facts.map(\.label.count) } }
        let column = (labels.max() ?? 0) + 4
        let mark = result.findings.map(\.severity).max().map { $0 >= .warning ? "  (\($0.rawValue) below)" : "" } ?? ""
        var lines = ["", result.name + mark]
        for row in table.rows {
            let places = row.lines.compactMap(\.place)
            // Long names of places would leave no room for the values.
            let placeWidth = min(30, places.map { $0.count + 2 }.max() ?? 0)
            for (index, line) in row.lines.enumerated() {
                let label = Self.padded(index == 0 ? "  \(row.label)" : "", column)
                let place = places.isEmpty ? "" : Self.padded(line.place.map { "\($0)  " } ?? "", placeWidth)
                lines += WrappedText.lines(line.text, after: label + place, width: width)
            }
        }
        if result.facts.isEmpty { lines.append("  could not be looked at") }
        return lines
    }

    private func list(_ width: Int) -> [String] {
        let findings = findings
        func count(_ severity: Finding.Severity) -> String {
            let number = findings.count { $0.finding.severity == severity }
            return number == 0 ? "no \(severity.rawValue)s" : Fact.count(number, severity.rawValue)
        }
        var lines = [[Finding.Severity.problem, .warning, .note].map(count).joined(separator: ", ")]
        for (check, finding) in findings {
            let head = Self.padded(finding.severity.rawValue, 9)
            lines.append("")
            lines += WrappedText.lines("\(check): \(finding.message)", after: head, width: width)
            lines += WrappedText.lines(finding.hint, after: Self.padded("", 9) + "-> ", width: width)
        }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
