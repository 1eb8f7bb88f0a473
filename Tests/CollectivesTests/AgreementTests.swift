import Collectives
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AgreementTests {
    /// What `body` threw on each rank, nil where it did not.
    private func errors(
        ranks: Int, _ body: @escaping @Sendable (InMemoryCommunicator) throws -> Void
    ) throws -> [(any Error)?] {
        try InMemoryGroup.run(ranks: ranks) { communicator -> (any Error)? in
            do {
                try body(communicator)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func resultsOfSuccessAreEachRanksOwn() throws {
        let results = try InMemoryGroup.run(ranks: 3) { communicator in
            try communicator.agreeing("counting") { communicator.rank * 10 }
        }
        #expect(results == [0, 10, 20])
    }

    @Test func everyRankThrowsTheLowestRanksFailure() throws {
        let errors = try errors(ranks: 4) { communicator in
            try communicator.agreeing("reading the labels") {
                if communicator.rank >= 2 {
                    throw JobFailure("no file \(communicator.rank)", place: "labels.txt", hint: "copy it", exitCode: 3)
                }
            }
        }
        let failures = errors.compactMap { $0 as? RankFailure }
        try #require(failures.count == 4)
        #expect(failures.allSatisfy { $0 == failures[0] })
        #expect(failures[0].rank == 2)
        #expect(failures[0].host == "in-memory")
        #expect(failures[0].what == "reading the labels")
        #expect(failures[0].message == "no file 2")
        #expect(failures[0].place == "labels.txt")
        #expect(failures[0].hint == "copy it")
        #expect(failures[0].exitCode == 3)
        #expect(failures[0].description == "reading the labels failed on rank 2 (in-memory): no file 2")
    }

    @Test func communicatorIsSoundAfterAnAgreedFailure() throws {
        let sums = try InMemoryGroup.run(ranks: 3) { communicator in
            #expect(throws: RankFailure.self) {
                try communicator.agreeing("trying") { if communicator.rank == 1 { throw JobFailure("no") } }
            }
            return try communicator.allreduce(Int32(1), .sum)
        }
        #expect(sums == [3, 3, 3])
    }

    @Test func nestedAgreementKeepsTheInnerFailure() throws {
        let errors = try errors(ranks: 2) { communicator in
            try communicator.agreeing("outer") {
                try communicator.agreeing("inner") { if communicator.rank == 1 { throw JobFailure("no") } }
            }
        }
        #expect(errors.map { ($0 as? RankFailure)?.what } == ["inner", "inner"])
    }

    @Test func equalChecksumsPass() throws {
        for checksum in [0, 1, UInt64(Int64.max), 1 << 63, .max] {
            _ = try InMemoryGroup.run(ranks: 3) { try $0.verifyEqual("the weights", checksum: checksum) }
        }
    }

    @Test func differingRanksAreNamedToAll() throws {
        let errors = try errors(ranks: 4) { communicator in
            try communicator.verifyEqual("the weights", checksum: [7, 0x9000_0000_0000_0000, 7, 8][communicator.rank])
        }
        let failures = errors.compactMap { $0 as? DivergenceFailure }
        try #require(failures.count == 4)
        #expect(failures.allSatisfy { $0 == failures[0] })
        #expect(failures[0].rank == 1)
        #expect(
            failures[0].description == "the weights should be the same on all ranks, but rank 0 (in-memory) has "
                + "checksum 0000000000000007 and rank 1 (in-memory) has 9000000000000000, "
                + "rank 3 (in-memory) has 0000000000000008")
    }

    @Test func placesAreAddedToErrorsThatHaveNone() {
        let plain = #expect(throws: JobFailure.self) {
            try locatingFailures(at: "step 3") { throw CollectiveTestError() }
        }
        #expect(plain == JobFailure("it broke", place: "step 3"))
        let located = #expect(throws: JobFailure.self) {
            try locatingFailures(at: "step 3") { throw JobFailure("no", place: "a.jpg", hint: "look", exitCode: 4) }
        }
        #expect(located == JobFailure("no", place: "a.jpg", hint: "look", exitCode: 4))
    }
}

private struct CollectiveTestError: Error, CustomStringConvertible {
    let description = "it broke"
}
