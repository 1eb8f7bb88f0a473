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

        var environment: [String: String] {
            switch self {
            case .sharedMemory: ["AAM_SHARED_MEMORY": "1"]
            case .messages: ["AAM_SHARED_MEMORY": "0"]
            case .smallMessages: ["AAM_SHARED_MEMORY": "0", "SELFTEST_MESSAGE_LIMIT": "1000"]
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

    @Test(arguments: [2, 3], [Setting.sharedMemory, .messages])
    func sumsHaveTheSameBitsOnAllRanksAndInAllRuns(ranks: Int, setting: Setting) throws {
        let results = try (0..<2).map { _ in
            try selftest("order", "1000003", ranks: ranks, environment: setting.environment)
        }
        for result in results { #expect(result.status == 0, "\(result.stderr)") }
        #expect(results[0].stdout.contains("shared memory: \(setting == .sharedMemory), checksum "))
        #expect(results[0].stdout == results[1].stdout)
    }

    @Test(arguments: [Setting.sharedMemory, .messages])
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

    @Test(arguments: [Setting.sharedMemory, .messages])
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

    @Test(arguments: [Setting.sharedMemory, .checkedCalls])
    func differentCountsAreReportedInsteadOfHanging(setting: Setting) throws {
        let result = try selftest("mismatch", "1", ranks: 2, environment: setting.environment)
        #expect(result.status == 1)
        #expect(banners(in: result) == 1)
        #expect(
            result.stderr.contains(
                "the ranks called different collectives: rank 0 called allreduce(sum) of 8 float, "
                    + "rank 1 called allreduce(sum) of 7 float"))
    }

    @Test func errorOfTheLibraryCarriesItsText() throws {
        let result = try selftest("mismatch", "1", ranks: 2, environment: Setting.messages.environment)
        #expect(result.status == 1)
        #expect(banners(in: result) == 1)
        #expect(result.stderr.contains("MPI_Allreduce failed on rank "))
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
