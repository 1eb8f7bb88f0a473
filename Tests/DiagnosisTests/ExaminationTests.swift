import Collectives
import Diagnosis
import Foundation
import Testing

@Suite struct ExaminationTests {
    /// Tells what it is given, or throws it.
    private struct Told: Check {
        let name = "told"
        var scope = CheckScope.rank
        var text: String?
        var figure: Double?
        var finding: Finding?

        struct Observation: Codable, Sendable {
            let text: String
            let figure: Double?
            let sum: Int64
        }

        func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
            let sum = scope == .firstOfHost ? 0 : try communicator.allreduce(Int64(1), .sum)
            guard let text else { throw JobFailure("cannot see", hint: "open your eyes") }
            return Observation(text: text, figure: figure, sum: sum)
        }

        func facts(in observation: Observation) -> [Fact] {
            [Fact("text", observation.text)] + (observation.figure.map { [Fact("figure", $0, "ms")] } ?? [])
        }

        func findings(in observations: [Observed<Observation>]) -> [Finding] { finding.map { [$0] } ?? [] }
    }

    /// The report of rank 0, whose lines are without those of a title.
    private func report(ranks: Int, _ checks: @escaping @Sendable (Int) -> [any Check]) throws -> [String] {
        try InMemoryGroup.run(ranks: ranks) { communicator in
            try Examination(checks(communicator.rank)).run(on: communicator)?.lines() ?? []
        }[0]
    }

    private func problems(ranks: Int, _ checks: @escaping @Sendable (Int) -> [any Check]) throws -> [Bool?] {
        try InMemoryGroup.run(ranks: ranks) { communicator in
            try Examination(checks(communicator.rank)).run(on: communicator)?.hasProblems
        }
    }

    @Test func whatAllRanksHaveIsToldOnce() throws {
        #expect(
            try report(ranks: 3) { _ in [Told(text: "same", figure: 2)] } == [
                "aam doctor: 3 ranks on in-memory", "", "told", "  text    same", "  figure  2 ms", "",
                "no problems, no warnings, no notes",
            ])
    }

    @Test func whatDiffersIsToldWithItsRanksAndFiguresByTheirRange() throws {
        let lines = try report(ranks: 4) { rank in
            [Told(text: rank == 2 ? "other" : "same", figure: Double(rank) + 0.5)]
        }
        #expect(
            lines[3...5] == [
                "  text    ranks 0-1,3  same", "          rank 2       other",
                "  figure  0.5 ms (rank 0) to 3.5 ms (rank 3)",
            ])
    }

    @Test func checksThatThrowAreProblemsAndTheOthersGoOn() throws {
        let lines = try report(ranks: 3) { rank in
            [Told(text: rank > 0 ? nil : "seen"), Told(text: nil), Told(text: "the last")]
        }
        #expect(lines.contains("problem  told: on ranks 1-2: cannot see"))
        #expect(lines.contains("problem  told: cannot see"))
        #expect(lines.filter { $0 == "         -> open your eyes" }.count == 2)
        #expect(lines.contains("  text  rank 0  seen"))
        #expect(lines.contains("  could not be looked at"))
        #expect(lines.contains("  text  the last"))
        #expect(lines.contains("2 problems, no warnings, no notes"))
    }

    @Test func onlyTheFirstRankOfAHostLooksForIt() throws {
        for scope in [CheckScope.host, .firstOfHost] {
            let lines = try report(ranks: 3) { rank in [Told(scope: scope, text: "of rank \(rank)")] }
            #expect(lines[3] == "  text  of rank 0")
        }
    }

    @Test func onlyProblemsAreProblems() throws {
        @Sendable func check(_ severity: Finding.Severity) -> Told {
            Told(text: "", finding: Finding(severity, "m", hint: "h"))
        }
        #expect(try problems(ranks: 2) { _ in [check(.note), check(.warning)] } == [false, nil])
        #expect(try problems(ranks: 2) { _ in [check(.note), check(.problem)] } == [true, nil])
    }

    @Test func theWorstComesFirstAndLongLinesAreWrapped() throws {
        let long = Array(repeating: "word", count: 30).joined(separator: " ")
        let lines = try report(ranks: 1) { _ in
            [
                Told(text: long, finding: Finding(.note, "n", hint: "h")),
                Told(text: "", finding: Finding(.problem, long, hint: long)),
            ]
        }
        #expect(lines.allSatisfy { $0.count <= 100 })
        let severities = lines.compactMap { line in ["problem ", "note "].first { line.hasPrefix($0) } }
        #expect(severities == ["problem ", "note "])
    }

    @Test func theJSONHasEveryObservationAndFinding() throws {
        let json = try InMemoryGroup.run(ranks: 2) { communicator in
            let check = Told(
                text: communicator.rank == 1 ? nil : "seen", finding: Finding(.warning, "message", hint: "hint"))
            return try Examination([check]).run(on: communicator).map { try JSONEncoder().encode($0) }
        }[0]
        struct Report: Decodable, Equatable {
            struct Check: Decodable, Equatable {
                struct Rank: Decodable, Equatable {
                    struct Observation: Decodable, Equatable { let text: String, sum: Int }
                    let rank: Int, host: String, observation: Observation?, failure: String?
                }
                let name: String, ranks: [Rank]
            }
            struct Finding: Decodable, Equatable { let check, severity, message, hint: String }
            let ranks: Int, hosts: [String], checks: [Check], findings: [Finding]
        }
        let seen = Report.Check.Rank(
            rank: 0, host: "in-memory", observation: .init(text: "seen", sum: 2), failure: nil)
        let blind = Report.Check.Rank(rank: 1, host: "in-memory", observation: nil, failure: "cannot see")
        #expect(
            try JSONDecoder().decode(Report.self, from: #require(json))
                == Report(
                    ranks: 2, hosts: ["in-memory"], checks: [.init(name: "told", ranks: [seen, blind])],
                    findings: [
                        .init(
                            check: "told", severity: "problem", message: "on rank 1: cannot see", hint: "open your eyes"
                        ),
                        .init(check: "told", severity: "warning", message: "message", hint: "hint"),
                    ]))
    }
}
