import Collectives
import Diagnosis
import Testing

@Suite struct ClockCheckTests {
    @Test func barriersBoundTheDifferenceOfTwoClocks() {
        // A clock 5 s ahead; the barrier takes 2 ms, and the rank comes 1 ms after the reference.
        let second: Int64 = 1_000_000_000
        let skew = ClockSkew(
            enters: [5 * second + 1_000_000], leaves: [5 * second + 2_000_000], ofReference: [0],
            untilReference: [2_000_000])
        // Between enters - untilReference = 4.999 s and leaves - ofReference = 5.002 s.
        #expect(abs(skew.ahead - 5.0005) < 1e-9)
        #expect(abs(skew.uncertainty - 0.0015) < 1e-9)
    }

    @Test func theTightestRoundsCount() {
        let skew = ClockSkew(
            enters: [0, 1000, 2000], leaves: [900, 1010, 2900], ofReference: [0, 1000, 2000],
            untilReference: [900, 1010, 2900])
        #expect(skew == ClockSkew(enters: [1000], leaves: [1010], ofReference: [1000], untilReference: [1010]))
        #expect(skew.ahead == 0)
        #expect(skew.uncertainty == 1e-8)
    }

    /// Rank 1's clock is 3 s behind, rank 2's half a second ahead.
    private func observations() throws -> [Observed<ClockCheck.Observation>] {
        let start = ContinuousClock.now
        return try InMemoryGroup.run(ranks: 3) { communicator in
            let check = ClockCheck { rank in
                let elapsed = (ContinuousClock.now - start) / .nanoseconds(1)
                return Int64(elapsed) + [0, -3_000_000_000, 500_000_000][rank]
            }
            let rank = communicator.rank
            let site = Site(rank: rank, host: "h\(rank)", machine: "m\(rank)", isFirstOfHost: true)
            return Observed(try check.observe(at: site, on: communicator), at: site)
        }
    }

    @Test func clocksFarOffAreWarnedOf() throws {
        let findings = ClockCheck().findings(in: try observations())
        #expect(findings.count == 1)
        #expect(findings[0].severity == .warning)
        #expect(findings[0].message.hasPrefix("h1's clock is 3 s behind that of h0 (± "))
    }

    @Test func everyHostIsTold() throws {
        let facts = try observations().map { ClockCheck().facts(in: $0.value) }
        #expect(facts[0] == [Fact("ahead of rank 0", "the same clock")])
        guard case .text(let behind) = facts[1][0].value, case .text(let ahead) = facts[2][0].value else {
            Issue.record("\(facts)")
            return
        }
        #expect(behind.hasPrefix("-3 s ± "))
        #expect(ahead.hasPrefix("500 ms ± "))
    }
}
