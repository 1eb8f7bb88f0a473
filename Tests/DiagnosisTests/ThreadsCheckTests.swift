import Diagnosis
import Testing

@Suite struct ThreadsCheckTests {
    /// - Parameter cores: nil if every processor is a core of its own.
    private func rank(
        _ rank: Int, host: String = "a", machine: String? = nil, on processors: [Int], cores: [Int]? = nil,
        threads: Int? = nil, of available: Int, quota: Double? = nil, launcher: String = "mpirun"
    ) throws -> Observed<ThreadsCheck.Observation> {
        try observed(
            ThreadsCheck.Observation.self,
            """
            {"processors": \(processors), "cores": \(cores ?? processors), "threads": \(threads ?? processors.count),
             "available": \(Array(0..<available)), \(quota.map { "\"quota\": \($0)," } ?? "")
             "launcher": {"kind": "\(launcher)"}}
            """, rank: rank, host: host, machine: machine)
    }

    private func texts(_ ranks: [Observed<ThreadsCheck.Observation>]) -> [String] {
        ThreadsCheck().findings(in: ranks).texts
    }

    @Test func ranksOnProcessorsOfTheirOwnAreFine() throws {
        #expect(texts([try rank(0, on: [0, 1], of: 4), try rank(1, on: [2, 3], of: 4)]) == [])
        // Not bound, each with its share.
        #expect(
            texts([try rank(0, on: [0, 1], threads: 1, of: 2), try rank(1, on: [0, 1], threads: 1, of: 2)]) == [])
    }

    @Test func moreThreadsThanProcessorsAreWarnedOf() throws {
        let ranks = try (0..<3).map { try rank($0, on: [0, 1], threads: 1, of: 2) }
        #expect(
            texts(ranks) == [
                "warning: on a, 3 ranks compute with 3 threads on 2 processors, which slows every step -> start at most "
                    + "2 ranks there"
            ])
    }

    @Test func ranksBoundToTheSameProcessorsGetTheOptionsThatSpreadThem() throws {
        let ranks = try (0..<2).map { try rank($0, on: [0], threads: 1, of: 8) }
        #expect(
            texts(ranks) == [
                "warning: on a, 2 ranks compute with 2 threads on 1 processor, which slows every step -> give each rank "
                    + "processors of its own: mpirun --map-by ppr:2:node:pe=4 --bind-to core"
            ])
    }

    /// As mpirun does with one or two ranks.
    @Test func idleProcessorsAreWarnedOf() throws {
        #expect(
            texts([try rank(0, on: [0], of: 16)]) == [
                "warning: on a, 15 of 16 processors stay idle, as the ranks are bound to the others -> mpirun --map-by "
                    + "ppr:1:node:pe=16 --bind-to core"
            ])
        #expect(
            texts([try rank(0, on: [0, 1, 2], of: 4, launcher: "srun")]) == [
                "note: on a, 1 of 4 processors stay idle, as the ranks are bound to the others -> srun --cpus-per-task=4 "
                    + "--cpu-bind=cores"
            ])
    }

    @Test func ranksOnTheHardwareThreadsOfACoreAreWarnedOf() throws {
        let ranks = [
            try rank(0, on: [0, 1], cores: [0, 1], of: 4), try rank(1, on: [2, 3], cores: [0, 1], of: 4),
        ]
        #expect(
            texts(ranks) == [
                "warning: on a, different ranks have hardware threads of the same 2 cores -> bind ranks to whole cores: "
                    + "mpirun --map-by ppr:2:node:pe=1 --bind-to core"
            ])
    }

    @Test func quotasBelowTheThreadsAreWarnedOf() throws {
        #expect(
            texts([try rank(0, on: [0, 1, 2, 3], of: 4, quota: 1.5)]) == [
                "warning: on a, 4 threads share a quota of 1.5 processors (cgroup cpu.max), so that they are stopped in "
                    + "every step -> raise the container's CPU limit to 4, or start ranks with 1 thread in all"
            ])
        #expect(texts([try rank(0, on: [0, 1], of: 2, quota: 2)]) == [])
    }

    @Test func hostsOfOneMachineShareItsProcessors() throws {
        let ranks = [
            try rank(0, host: "pod1", machine: "m", on: [0, 1], of: 2),
            try rank(1, host: "pod2", machine: "m", on: [0, 1], of: 2),
        ]
        let texts = texts(ranks)
        #expect(texts.count == 1)
        #expect(
            texts[0].hasPrefix(
                "warning: on pod1 and pod2 (one machine), 2 ranks compute with 4 threads on 2 processors"))
    }

    @Test func equalHostsAreToldTogether() throws {
        let ranks = try (0..<5).map { try rank($0, host: "h\($0)", on: [0], of: 2) }
        #expect(texts(ranks).map { String($0.prefix { $0 != ":" }) } == ["warning"])
        #expect(texts(ranks)[0].contains("on h0, h1, h2 and 2 more, 1 of 2 processors stay idle"))
    }
}
