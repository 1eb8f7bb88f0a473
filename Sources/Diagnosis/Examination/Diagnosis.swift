import Foundation

/// What all checks found.
public struct Diagnosis {
    let sites: [Site]
    let results: [CheckResult]

    /// The findings with their checks' names, the worst first.
    var findings: [(check: String, finding: Finding)] {
        let all = results.flatMap { result in result.findings.map { (check: result.name, finding: $0) } }
        return Finding.Severity.allCases.reversed().flatMap { severity in
            all.filter { $0.finding.severity == severity }
        }
    }

    /// Whether a run would fail or the ranks would not do the same.
    public var hasProblems: Bool { findings.contains { $0.finding.severity == .problem } }
}

extension Diagnosis: Encodable {
    private enum CodingKeys: CodingKey { case ranks, hosts, checks, findings }
    private enum CheckKeys: CodingKey { case name, ranks }
    private enum FindingKeys: CodingKey { case check, severity, message, hint }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sites.count, forKey: .ranks)
        try container.encode(sites.filter(\.isFirstOfHost).map(\.host), forKey: .hosts)
        var checks = container.nestedUnkeyedContainer(forKey: .checks)
        for result in results {
            var check = checks.nestedContainer(keyedBy: CheckKeys.self)
            try check.encode(result.name, forKey: .name)
            try check.encode(result.records, forKey: .ranks)
        }
        var list = container.nestedUnkeyedContainer(forKey: .findings)
        for (check, finding) in findings {
            var entry = list.nestedContainer(keyedBy: FindingKeys.self)
            try entry.encode(check, forKey: .check)
            try entry.encode(finding.severity, forKey: .severity)
            try entry.encode(finding.message, forKey: .message)
            try entry.encode(finding.hint, forKey: .hint)
        }
    }
}
