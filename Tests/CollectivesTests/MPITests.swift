import Foundation
import MPICollectives
import TestSupport
import Testing

/// Each test runs `mpi-selftest` as a job of its own.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct MPITests {
    /// Settings of the communicator that every operation must work under.
    enum Setting: CaseIterable {
        case sharedMemory, messages, smallMessages, checkedCalls
        /// Each two ranks take each other for the only ones on their host.
        case pairs
        case pairsWithSmallMessages

        var environment: [String: String] {
            switch self {
            case .sharedMemory: ["AAM_SHARED_MEMORY": "1"]
            case .messages: ["AAM_SHARED_MEMORY": "0"]
            case .smallMessages: ["AAM_SHARED_MEMORY": "0", "SELFTEST_MESSAGE_LIMIT": "1000"]
            case .pairs: ["AAM_RANKS_PER_NODE": "2"]
            case .pairsWithSmallMessages: ["AAM_RANKS_PER_NODE": "2", "SELFTEST_MESSAGE_LIMIT": "1000"]
            case .checkedCalls: ["AAM_CHECK_COLLECTIVES": "1"]
            }
        }
    }

    private func selftest(
        _ arguments: String..., ranks: Int, environment: [String: String] = [:]
    ) throws -> CommandResult {
        try mpirun(
            ranks: ranks, try builtProduct("mpi-selftest"), arguments: arguments, environment: environment, timeout: 60)
    }

    @Test(arguments: [1, 2, 3], Setting.allCases)
    func everyOperationOnEveryTypeIsExact(ranks: Int, setting: Setting) throws {
        let result = try selftest("operations", ranks: ranks, environment: setting.environment)
        #expect(result.status == 0, "\(result.stderr)")
        #expect(result.stdout == "operations passed on \(ranks) ranks\n")
    }

    @Test(arguments: [4, 5], [Setting.pairs, .pairsWithSmallMessages])
    func severalNodesOfSeveralRanksAreExact(ranks: Int, setting: Setting) throws {
        let result = try selftest("operations", ranks: ranks, environment: setting.environment)
        #expect(result.stdout == "operations passed on \(ranks) ranks\n", "\(result.stderr)")
    }

    /// The self-test itself adds in that order, and cuts the buffer in two ways.
    @Test(
        arguments: [
            (2, .sharedMemory, "[[0, 1]]"), (3, .sharedMemory, "[[0, 1, 2]]"), (3, .messages, "[[0], [1], [2]]"),
            (3, .smallMessages, "[[0], [1], [2]]"), (3, .pairs, "[[0, 1], [2]]"), (5, .pairs, "[[0, 1], [2, 3], [4]]"),
        ] as [(Int, Setting, String)], ["order", "compressed-order"])
    func sumsAreThoseOfTheNodesInOrderHoweverTheBufferIsCut(job: (Int, Setting, String), command: String) throws {
        let (ranks, setting, nodes) = job
        let result = try selftest(command, "1000003", ranks: ranks, environment: setting.environment)
        #expect(result.status == 0, "\(result.stderr)")
        #expect(result.stdout.hasPrefix("nodes: \(nodes), checksum "))
    }

    /// Two nodes of two ranks add (a + b) + (c + d); one rank a node, and one node, ((a + b) + c) + d.
    @Test func onlyNodesOfSeveralRanksChangeTheOrder() throws {
        let sums = try [Setting.sharedMemory, .messages, .pairs].map { setting in
            try selftest("order", ranks: 4, environment: setting.environment).stdout.split(separator: "checksum ").last
        }
        #expect(sums[0] != nil && sums[0] == sums[1])
        #expect(sums[2] != sums[0])
    }

    @Test(arguments: [Setting.sharedMemory, .messages, .pairs])
    func duplicatesReduceAtTheSameTime(setting: Setting) throws {
        let result = try selftest("concurrency", ranks: 3, environment: setting.environment)
        #expect(result.stdout == "concurrency passed on 3 ranks\n", "\(result.stderr)")
    }

    @Test(arguments: [Setting.sharedMemory, .messages, .pairs])
    func partsOfTheRanksReduceOnTheirOwn(setting: Setting) throws {
        let result = try selftest("split", ranks: 3, environment: setting.environment)
        #expect(result.stdout == "split passed on 3 ranks\n", "\(result.stderr)")
    }

    @Test(arguments: [Setting.sharedMemory, .messages, .pairs])
    func errorOnOneRankIsReportedOnceAndEndsTheJob(setting: Setting) throws {
        let result = try selftest("fail", "1", ranks: 3, environment: setting.environment)
        #expect(result.status == 5)
        #expect(banners(in: result) == 1)
        #expect(
            result.stderr.contains(
                """
                 failed
                |   what:  disk full
                |   where: writing step 12
                |   hint:  make room
                +---
                """))
        #expect(result.stderr.contains("| aam: rank 1 of 3 on host "))
        #expect(!result.stdout.contains("passed"))
        #expect(result.seconds < 20)
    }

    @Test(arguments: [Setting.sharedMemory, .messages, .pairs])
    func errorsOnAllRanksAtOnceAreReportedOnce(setting: Setting) throws {
        let result = try selftest("fail-together", ranks: 3, environment: setting.environment)
        #expect(result.status == 5)
        #expect(banners(in: result) == 1)
    }

    @Test func agreedFailureIsReportedByItsRankAndAbortsNothing() throws {
        let result = try selftest("agreement", "1", ranks: 3)
        #expect(result.status == 3)
        #expect(banners(in: result) == 1)
        #expect(result.stderr.contains("| aam: rank 1 of 3 on host "))
        #expect(result.stderr.contains("|   what:  labels.txt: no such file\n|   where: while reading the labels\n"))
        #expect(!result.stderr.contains("MPI_ABORT"))
    }

    @Test func divergedRankIsNamed() throws {
        let result = try selftest("divergence", "2", ranks: 3)
        #expect(result.status == 1)
        #expect(banners(in: result) == 1)
        #expect(result.stderr.contains("| aam: rank 2 of 3 on host "))
        #expect(result.stderr.contains("has 0000000000000bad\n"))
    }

    @Test(arguments: [Setting.sharedMemory, .messages, .checkedCalls])
    func differentCountsAreReportedInsteadOfHanging(setting: Setting) throws {
        let result = try selftest("mismatch", "1", ranks: 2, environment: setting.environment)
        #expect(result.status == 1)
        #expect(banners(in: result) == 1)
        #expect(
            result.stderr.contains(
                "the ranks called different collectives: rank 0 called allreduce(sum) of 8 float, "
                    + "rank 1 called allreduce(sum) of 7 float"))
    }

    @Test func differentCountsOfNodesAreReported() throws {
        let result = try selftest("mismatch", "2", ranks: 4, environment: Setting.pairs.environment)
        #expect(result.status == 1)
        #expect(
            result.stderr.contains(
                "the ranks called different collectives: rank 0 called allreduce(sum) of 8 float, "
                    + "rank 2 called allreduce(sum) of 7 float"))
    }

    @Test func errorOfTheLibraryCarriesItsText() throws {
        let result = try selftest("broadcast-mismatch", "1", ranks: 2)
        #expect(result.status == 200)
        #expect(banners(in: result) == 1)
        #expect(result.stderr.contains("MPI_Bcast failed on rank 1 "))
        #expect(result.stderr.contains("MPI_ERR_TRUNCATE: message truncated"))
    }

    @Test(arguments: [("kill", Int32(137)), ("trap", 132)])
    func deathOfOneRankEndsTheJob(command: String, status: Int32) throws {
        let result = try selftest(
            command, "1", ranks: 3, environment: ["SWIFT_BACKTRACE": "enable=no"])
        #expect(result.status == status)
        #expect(!result.stdout.contains("passed"))
        #expect(result.seconds < 20)
    }

    @Test func programAloneIsOneRankWithoutMPI() throws {
        let binary = try builtProduct("mpi-selftest")
        let passed = try runCommand(binary, arguments: ["operations"])
        #expect(passed.stdout == "operations passed on 1 ranks\n")
        let failed = try runCommand(binary, arguments: ["fail", "0"])
        #expect(failed.status == 5)
        #expect(banners(in: failed) == 1)
        #expect(failed.stderr.contains("| aam: failed on host "))
    }

    @Test func launchersAreRecognised() {
        #expect(isLaunchedAsRank(environment: ["OMPI_COMM_WORLD_SIZE": "1"]))
        #expect(isLaunchedAsRank(environment: ["PMIX_RANK": "0"]))
        #expect(!isLaunchedAsRank(environment: ["PATH": "/usr/bin"]))
    }

    private func banners(in result: CommandResult) -> Int {
        result.stderr.components(separatedBy: "| aam: ").count - 1
    }
}
