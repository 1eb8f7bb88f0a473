import Collectives
import Testing

struct FailureBannerTests {
    @Test func bannerNamesRankHostCausePlaceAndHint() {
        let banner = FailureBanner(
            rank: 3, size: 8, host: "node07", what: "cannot read a.jpg: no such file", place: "step 120",
            hint: "check the mount\nand the path", standing: "119 steps done, log in run/log.txt")
        #expect(
            banner.description == """
                +------------------------------------------------------------------------------
                | aam: rank 3 of 8 on host node07 failed
                |   what:  cannot read a.jpg: no such file
                |   where: step 120
                |   run:   119 steps done, log in run/log.txt
                |   hint:  check the mount
                |          and the path
                +------------------------------------------------------------------------------

                """)
    }

    @Test func bannerOfASingleProcessNamesNoRank() {
        let banner = FailureBanner(program: "tool", rank: 0, size: 1, host: "node07", what: "disk full")
        #expect(
            banner.description == """
                +------------------------------------------------------------------------------
                | tool: failed on host node07
                |   what:  disk full
                +------------------------------------------------------------------------------

                """)
    }

    @Test func jobThatWasAskedToStopReturnsTheCodeOfItsSignal() {
        #expect(runJob(on: SingleProcess()) { throw JobInterruption(.user, host: "node07") } == 138)
        #expect(StopSignal.allCases.map(\.description) == ["SIGINT", "SIGUSR1", "SIGTERM"])
    }

    @Test func bannerOfAnAgreedFailureSaysWhatTheRanksWereDoing() throws {
        let failures = try InMemoryGroup.run(ranks: 2) { communicator -> RankFailure? in
            do {
                try communicator.agreeing("reading the labels") {
                    if communicator.rank == 1 { throw JobFailure("bad line", place: "labels.txt:4") }
                }
                return nil
            } catch let failure as RankFailure {
                return failure
            }
        }
        let failure = try #require(failures[0])
        #expect(
            FailureBanner(agreed: failure, size: 2)
                == FailureBanner(
                    rank: 1, size: 2, host: "in-memory", what: "bad line",
                    place: "labels.txt:4, while reading the labels"))
    }
}
