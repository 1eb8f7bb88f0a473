import Collectives
import Foundation
import Testing
import Training

@Suite struct CrowdedHostTests {
    private func place(_ host: String, _ processors: [Int], threads: Int) -> RankPlace {
        RankPlace(host: host, processors: processors, threads: threads)
    }

    @Test func ranksThatFitAreNotCrowded() {
        // Bound to cores of their own, sharing all of them, and alone with fewer threads than cores.
        let places = [
            place("a", [0, 1], threads: 2), place("a", [2, 3], threads: 2), place("b", [0, 1], threads: 1),
            place("b", [0, 1], threads: 1), place("c", [0, 1, 2], threads: 2),
        ]
        #expect(CrowdedHost.all(of: places) == [])
        #expect(CrowdedHost.warning(for: places) == nil)
    }

    @Test func threadsAreComparedWithTheProcessorsThatAnyRankOfTheHostMayUse() {
        let places = [
            place("a", [0, 1], threads: 2), place("b", [0], threads: 1), place("a", [1, 2], threads: 2),
        ]
        let crowded = CrowdedHost.all(of: places)
        #expect(crowded.map(\.host) == ["a"])
        #expect(crowded.map(\.ranks) == [2])
        #expect(crowded.map(\.threads) == [4])
        #expect(crowded.map(\.processors) == [3])
    }

    @Test func warningNamesHostNumbersAndRemedies() {
        let node = (0..<3).map { _ in place("node7", [0, 1], threads: 1) }
        let warning =
            "on node7, 3 ranks compute with 3 threads in all on 2 cores, which slows every step: start fewer ranks "
            + "there, give a smaller --threads, or let mpirun --bind-to core give each rank its own"
        #expect(CrowdedHost.warning(for: node) == warning)
        let others = ["node8", "node9"].map { place($0, [5], threads: 4) }
        #expect(CrowdedHost.warning(for: node + others) == warning + "; the same goes for 2 more of the job's hosts")
        #expect(
            CrowdedHost.warning(for: [place("node8", [5], threads: 4)])
                == "on node8, 1 rank computes with 4 threads in all on 1 core, which slows every step: give a smaller "
                + "--threads, or let the rank run on more cores")
    }

    @Test func rankZeroAloneIsToldOnce() throws {
        let told = try InMemoryGroup.run(ranks: 3) { communicator in
            var warnings: [String] = []
            _ = try communicator.computeThreads(requested: 0, processors: [0, 1]) { warnings.append($0) }
            return warnings
        }
        #expect(told.map(\.count) == [1, 0, 0])
        #expect(told[0][0].hasPrefix("on in-memory, 3 ranks compute with 3 threads in all on 2 cores"))
        let untold = try InMemoryGroup.run(ranks: 2) { communicator in
            var warnings: [String] = []
            _ = try communicator.computeThreads(requested: 0, processors: [0, 1]) { warnings.append($0) }
            return warnings
        }
        #expect(untold == [[], []])
    }
}
