import Collectives
import Diagnosis
import Testing

@Suite struct AllreduceCheckTests {
    private func host(
        _ rank: Int, small: Double, large: Double, hosts: Int = 2, within: Double? = nil, link: Int? = nil
    ) throws -> Observed<AllreduceCheck.Observation> {
        let figures = "{\"small\": \(small), \"large\": \(large)}"
        let inside = within.map { "\"withinHost\": {\"small\": 1e-6, \"large\": \($0)}," } ?? ""
        return try observed(
            AllreduceCheck.Observation.self,
            """
            {"all": \(figures), \(inside) "betweenHosts": \(figures), "hosts": \(hosts)
             \(link.map { ", \"linkSpeed\": \($0)" } ?? "")}
            """, rank: rank, host: "h\(rank)")
    }

    private func texts(_ hosts: [Observed<AllreduceCheck.Observation>]) -> [String] {
        AllreduceCheck(environment: [:]).findings(in: hosts).texts
    }

    /// 16 MiB over two hosts are 134 Mbit that each sends, in 0.15 s nearly all of a link of 1000 Mbit/s.
    @Test func linksThatAreUsedWellAreFine() throws {
        #expect(texts(try (0..<2).map { try host($0, small: 1e-4, large: 0.15, within: 0.01, link: 1000) }) == [])
    }

    @Test func linksFarBelowTheirSpeedAreWarnedOf() throws {
        let texts = texts(try (0..<2).map { try host($0, small: 1e-4, large: 1.34, link: 10000) })
        #expect(texts.count == 1)
        #expect(
            texts[0].hasPrefix(
                "warning: between hosts, each sends 100 Mbit/s while it sums, 1 % of its interface's 10000"), "\(texts)"
        )
    }

    @Test func lateMessagesAreWarnedOf() throws {
        let texts = texts(try (0..<2).map { try host($0, small: 0.01, large: 0.15, link: 1000) })
        #expect(texts.count == 1 && texts[0].hasPrefix("warning: a sum of 8 bytes between hosts takes 10 ms"))
    }

    @Test func slowSharedMemoryIsToldOfItsHost() throws {
        let hosts = [
            try host(0, small: 1e-4, large: 0.1, within: 0.01), try host(1, small: 1e-4, large: 0.1, within: 0.5),
        ]
        let texts = texts(hosts)
        #expect(texts.count == 1 && texts[0].hasPrefix("warning: on h1, the ranks of the host sum less than 0.3 GB/s"))
    }

    /// Every rank must get through all collectives, whichever host it is of.
    @Test func ranksOfUnevenHostsMeasureEachPart() throws {
        let figures = try InMemoryGroup.run(ranks: 4) { communicator in
            let rank = communicator.rank
            let host = ["a", "b", "b", "c"][rank]
            let site = Site(rank: rank, host: host, machine: host, isFirstOfHost: rank != 2)
            let check = AllreduceCheck(environment: [:])
            return check.facts(in: try check.observe(at: site, on: communicator)).map(\.label)
        }
        let between = ["all ranks", "between hosts", "a step's sum"]
        #expect(
            figures == [
                between, ["all ranks", "within the host", "between hosts", "a step's sum"],
                ["all ranks", "within the host", "a step's sum"], between,
            ])
    }
}
