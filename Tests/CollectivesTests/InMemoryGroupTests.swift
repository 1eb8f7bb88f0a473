import Collectives
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InMemoryGroupTests {
    @Test(arguments: [1, 2, 3, 5])
    func resultsComeInRankOrder(ranks: Int) throws {
        let results = try InMemoryGroup.run(ranks: ranks) { "\($0.rank) of \($0.size)" }
        #expect(results == (0..<ranks).map { "\($0) of \(ranks)" })
    }

    @Test(arguments: [1, 2, 3, 5])
    func allreduceCombinesAllRanks(ranks: Int) throws {
        try checkReductions(Float.self, ranks: ranks)
        try checkReductions(Double.self, ranks: ranks)
        try checkReductions(Int32.self, ranks: ranks)
        try checkReductions(Int64.self, ranks: ranks)
        try checkReductions(UInt8.self, ranks: ranks)
    }

    private func checkReductions<Element: CollectiveElement>(_ type: Element.Type, ranks: Int) throws {
        @Sendable func values(of rank: Int) -> [Element] {
            (0..<37).map { Element(exactly: ($0 * 5 + rank * 3) % 7) ?? 0 }
        }
        for operation in ReduceOperation.allCases {
            let results = try InMemoryGroup.run(ranks: ranks) { communicator in
                var mine = values(of: communicator.rank)
                try communicator.allreduce(&mine, operation)
                return mine
            }
            let expected = (0..<37).map { index in
                let all = (0..<ranks).map { values(of: $0)[index] }
                return switch operation {
                case .sum: all.reduce(0, +)
                case .max: all.max() ?? 0
                case .min: all.min() ?? 0
                }
            }
            for (rank, result) in results.enumerated() {
                #expect(result == expected, "\(operation) of \(type) on rank \(rank)")
            }
        }
    }

    @Test func sumsOfIntegersWrapAround() throws {
        let sums = try InMemoryGroup.run(ranks: 2) { try $0.allreduce(UInt8(200), .sum) }
        #expect(sums == [144, 144])
    }

    @Test func floatsAreAddedInRankOrder() throws {
        // ((1e8 + 1) - 1e8) is 0 in single precision; any other order yields 1.
        let terms: [Float] = [1e8, 1, -1e8]
        let sums = try InMemoryGroup.run(ranks: 3) { try $0.allreduce(terms[$0.rank], .sum) }
        #expect(sums == [0, 0, 0])
    }

    @Test func broadcastCopiesTheRoot() throws {
        let results = try InMemoryGroup.run(ranks: 3) { communicator in
            var values = [Int32](repeating: Int32(communicator.rank), count: 4)
            try communicator.broadcast(&values, from: 2)
            return values
        }
        #expect(results == Array(repeating: [2, 2, 2, 2], count: 3))
    }

    @Test func gatherTakesDifferentCounts() throws {
        let results = try InMemoryGroup.run(ranks: 3) { communicator in
            try communicator.gather([Double](repeating: Double(communicator.rank), count: communicator.rank), to: 1)
        }
        #expect(results == [[], [[], [1], [2, 2]], []])
    }

    @Test func textOfUnknownLengthIsBroadcast() throws {
        let results = try InMemoryGroup.run(ranks: 3) { communicator in
            let isRoot = communicator.rank == 1
            let bytes = try communicator.broadcast(isRoot ? [1, 2, 3] as [UInt8] : [], from: 1)
            let empty = try communicator.broadcast(isRoot ? [] as [UInt8] : [9], from: 1)
            let texts = try communicator.broadcast(isRoot ? ["", "12:ab", "grün"] : [], from: 1)
            return ["\(bytes)", "\(empty)"] + texts
        }
        #expect(results == Array(repeating: ["[1, 2, 3]", "[]", "", "12:ab", "grün"], count: 3))
    }

    @Test func barrierWaitsForEveryRank() throws {
        let arrivals = Counter()
        let seen = try InMemoryGroup.run(ranks: 4) { communicator in
            Thread.sleep(forTimeInterval: 0.02 * Double(communicator.rank))
            arrivals.increment()
            try communicator.barrier()
            return arrivals.value
        }
        #expect(seen == [4, 4, 4, 4])
    }

    @Test func failureOfOneRankEndsTheWaitOfTheOthers() throws {
        let seen = Messages()
        let error = #expect(throws: JobFailure.self) {
            try InMemoryGroup.run(ranks: 3) { communicator in
                if communicator.rank == 1 { throw JobFailure("disk full") }
                do {
                    var values = [Float](repeating: 0, count: 8)
                    try communicator.allreduce(&values, .sum)
                } catch {
                    seen.add("\(error)")
                    throw error
                }
            }
        }
        #expect(error == JobFailure("disk full"))
        #expect(
            seen.sorted
                == [0, 2].map {
                    "allreduce(sum) of 8 float on rank \($0) cannot complete, because rank 1 failed: disk full"
                })
    }

    @Test func collectivesAfterAFailureFailToo() throws {
        #expect(throws: JobFailure("first")) {
            try InMemoryGroup.run(ranks: 2) { communicator in
                if communicator.rank == 0 { throw JobFailure("first") }
                #expect(throws: RankLost.self) { try communicator.barrier() }
                #expect(throws: RankLost.self) { try communicator.barrier() }
            }
        }
    }

    @Test func differentCountsAreReported() throws {
        let error = #expect(throws: CollectiveMismatch.self) {
            try InMemoryGroup.run(ranks: 3) { communicator in
                var values = [Float](repeating: 0, count: communicator.rank == 2 ? 5 : 4)
                try communicator.allreduce(&values, .sum)
            }
        }
        #expect(
            error?.description == "the ranks called different collectives: rank 0 called allreduce(sum) of 4 float, "
                + "rank 2 called allreduce(sum) of 5 float")
    }

    @Test func differentOperationsAreReported() throws {
        let error = #expect(throws: CollectiveMismatch.self) {
            try InMemoryGroup.run(ranks: 2) { communicator in
                if communicator.rank == 0 {
                    try communicator.barrier()
                } else {
                    _ = try communicator.gather([Int64(1)], to: 0)
                }
            }
        }
        #expect(
            error?.description
                == "the ranks called different collectives: rank 0 called barrier, rank 1 called gather of int64 to rank 0"
        )
    }

    @Test func rankThatFinishesEarlyIsReported() throws {
        let error = #expect(throws: CollectiveMismatch.self) {
            try InMemoryGroup.run(ranks: 2) { communicator in
                if communicator.rank == 0 { try communicator.barrier() }
            }
        }
        #expect(error?.description == "rank 0 called barrier, but rank 1 has finished without calling it")
    }

    /// While rank 0 is in a collective of the one, rank 1 is in one of the other.
    @Test func duplicatesDoNotMix() throws {
        let results = try InMemoryGroup.run(ranks: 2) { communicator in
            let duplicates = [try communicator.duplicate(), try communicator.duplicate()]
            let sums = Sums()
            let other = Thread {
                sums.set(Result { try duplicates[1].allreduce(Int32(10 + communicator.rank), .sum) })
            }
            if communicator.rank == 0 { other.start() }
            let sum = try duplicates[0].allreduce(Int32(communicator.rank), .sum)
            if communicator.rank == 1 { other.start() }
            return [sum, try sums.wait().get()]
        }
        #expect(results == [[1, 21], [1, 21]])
    }

    @Test func partsOfTheRanksReduceOnTheirOwn() throws {
        let results = try InMemoryGroup.run(ranks: 5) { communicator in
            let part = try communicator.split(color: communicator.rank % 2)
            let sums = try (0..<(communicator.rank % 2 == 0 ? 3 : 1)).map { _ in
                try part.allreduce(Int32(communicator.rank), .sum)
            }
            return [Int32(part.rank), Int32(part.size)] + sums
        }
        #expect(results == [[0, 3, 6, 6, 6], [0, 2, 4], [1, 3, 6, 6, 6], [1, 2, 4], [2, 3, 6, 6, 6]])
    }

    @Test func failureOfOneRankEndsTheWaitInAPart() throws {
        let error = #expect(throws: JobFailure.self) {
            try InMemoryGroup.run(ranks: 3) { communicator in
                let part = try communicator.split(color: communicator.rank == 0 ? 0 : 1)
                if communicator.rank == 2 { throw JobFailure("disk full") }
                if communicator.rank == 1 { try part.barrier() }
            }
        }
        #expect(error == JobFailure("disk full"))
    }

    @Test func failureOfOneRankEndsTheWaitInADuplicate() throws {
        let lost = Messages()
        let error = #expect(throws: JobFailure.self) {
            try InMemoryGroup.run(ranks: 2) { communicator in
                let duplicate = try communicator.duplicate().duplicate()
                if communicator.rank == 1 { throw JobFailure("disk full") }
                do {
                    try duplicate.barrier()
                } catch {
                    lost.add("\(error is RankLost)")
                    throw error
                }
            }
        }
        #expect(lost.sorted == ["true"])
        #expect(error == JobFailure("disk full"))
    }

    @Test func differentWireFormatsAreReported() throws {
        let error = #expect(throws: CollectiveMismatch.self) {
            try InMemoryGroup.run(ranks: 2) { communicator in
                var values = [Float](repeating: 0, count: 8)
                var span = values.mutableSpan
                try communicator.sum(&span, wire: communicator.rank == 0 ? .float32 : .bfloat16)
            }
        }
        #expect(
            error?.description == "the ranks called different collectives: rank 0 called allreduce(sum) of 8 float, "
                + "rank 1 called allreduce(sum) of 8 float as bfloat16")
    }

    @Test func oneRankClaimsTheReport() throws {
        let claims = try InMemoryGroup.run(ranks: 4) { $0.claimFailureReport() }
        #expect(claims.filter { $0 }.count == 1)
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func increment() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
}

private final class Messages: @unchecked Sendable {
    private let lock = NSLock()
    private var messages: [String] = []
    func add(_ message: String) { lock.withLock { messages.append(message) } }
    var sorted: [String] { lock.withLock { messages.sorted() } }
}

/// What a thread leaves.
private final class Sums: @unchecked Sendable {
    private let condition = NSCondition()
    private var result: Result<Int32, any Error>?

    func set(_ result: Result<Int32, any Error>) {
        condition.withLock {
            self.result = result
            condition.signal()
        }
    }

    func wait() -> Result<Int32, any Error> {
        condition.withLock {
            while true {
                if let result { return result }
                condition.wait()
            }
        }
    }
}
