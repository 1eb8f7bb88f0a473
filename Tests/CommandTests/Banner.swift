import TestSupport
import Testing

/// The banner in which a job reports its failure.
struct Banner: Equatable {
    var what: String
    var place: String?
    var hint: String?

    /// The one banner of a job's standard error; fails the test if there is none or more than one.
    init(_ result: CommandResult, ranks: Int?, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let lines = result.stderr.split(separator: "\n").map(String.init)
        let titles = lines.indices.filter { lines[$0].hasPrefix("| aam: ") }
        try #require(titles.count == 1, "\(result.stdout)\(result.stderr)", sourceLocation: sourceLocation)
        let title = lines[titles[0]]
        if let ranks, ranks > 1 {
            let pattern = #/\| aam: rank \d+ of (\d+) on host .+ failed/#
            let match = title.wholeMatch(of: pattern)
            #expect(match.map { String($0.1) } == String(ranks), "\(title)", sourceLocation: sourceLocation)
        } else {
            #expect(title.hasPrefix("| aam: failed on host "), "\(title)", sourceLocation: sourceLocation)
        }
        let rest = lines[(titles[0] + 1)...].prefix { $0.hasPrefix("|   ") }
        func field(_ name: String) -> String? {
            rest.first { $0.hasPrefix("|   \(name)") }.map { String($0.dropFirst(11)) }
        }
        what = field("what:  ") ?? ""
        place = field("where: ")
        hint = field("hint:  ")
    }

    init(what: String, place: String?, hint: String? = nil) {
        self.what = what
        self.place = place
        self.hint = hint
    }
}

/// Alone, and as two ranks.
let aloneAndTwoRanks: [Int?] = [nil, 2]

extension AAM {
    /// Runs a command that should fail with one banner, whose words are expected.
    static func expectFailure(
        _ arguments: [String], ranks: Int?, _ banner: Banner, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try run(arguments, ranks: ranks)
        #expect(result.status > 0 && result.status < 128, "\(result.status)", sourceLocation: sourceLocation)
        let found = try Banner(result, ranks: ranks, sourceLocation: sourceLocation)
        #expect(found == banner, sourceLocation: sourceLocation)
    }
}
