import Collectives
import Foundation
import Synchronization
import Testing
import Tracing
import Watching

/// The watches of a job whose ranks are threads of this process.
@Suite(.timeLimit(.minutes(2))) struct JobWatchTests {
    /// Keeps all that watches say and do, and wakes who waits for it.
    private final class Record: @unchecked Sendable {
        private let condition = NSCondition()
        private var warnings: [String] = []
        private var banners: [FailureBanner] = []
        private var ends: [Int32] = []

        var outlets: JobWatch.Outlets {
            var outlets = JobWatch.Outlets()
            outlets.warn = { text in self.change { self.warnings.append(text) } }
            outlets.note = { _ in }
            outlets.report = { banner in self.change { self.banners.append(banner) } }
            outlets.end = { code in self.change { self.ends.append(code) } }
            return outlets
        }

        private func change(_ body: () -> Void) {
            condition.withLock {
                body()
                condition.broadcast()
            }
        }

        func waitForWarning() -> String {
            condition.withLock {
                while warnings.isEmpty { condition.wait() }
                return warnings[0]
            }
        }

        func waitForBanner() -> FailureBanner {
            condition.withLock {
                while banners.isEmpty { condition.wait() }
                return banners[0]
            }
        }

        /// The exit codes of so many ranks.
        func waitForEnds(_ count: Int) -> [Int32] {
            condition.withLock {
                while ends.count < count { condition.wait() }
                return ends
            }
        }

        var all: (warnings: [String], banners: [FailureBanner], ends: [Int32]) {
            condition.withLock { (warnings, banners, ends) }
        }
    }

    /// Runs a rank's part with its watch.
    private func run(
        ranks: Int = 3, warning: Double = 0, timeout: Double = 0, _ record: Record,
        _ body: @escaping @Sendable (JobWatch, Record) throws -> Void
    ) throws {
        _ = try InMemoryGroup.run(ranks: ranks) { communicator in
            let limits = WatchLimits(warning: warning, timeout: timeout, interval: 0.05)
            let watch = try JobWatch(on: communicator, limits, outlets: record.outlets)
            try body(watch, record)
            watch.finish()
        }
    }

    @Test func stuckRankIsNamedWithWhatEachRankIsAt() throws {
        let record = Record()
        try run(warning: 1, record) { watch, record in
            if watch.communicator.rank == 1 {
                let recorder: SpanRecorder? = watch.recorder
                recorder.span("read bird.jpg", "data") { _ = record.waitForWarning() }
            }
            try watch.communicator.barrier()
        }
        let warning = record.waitForWarning()
        #expect(warning.contains("no progress on rank 1 "))
        #expect(warning.contains("s: read bird.jpg\n"))
        #expect(warning.contains("  ranks 0, 2: barrier"))
        #expect(record.all.warnings.count == 1 && record.all.banners.isEmpty && record.all.ends.isEmpty)
    }

    @Test(arguments: [0, 2]) func stuckRankEndsTheJob(rank: Int) throws {
        let record = Record()
        try run(timeout: 1, record) { watch, record in
            watch.standing = "7 steps done, log in run/log.txt"
            if watch.communicator.rank == rank {
                let recorder: SpanRecorder? = watch.recorder
                recorder.span("read bird.jpg", "data") { _ = record.waitForEnds(3) }
            }
            try watch.communicator.barrier()
        }
        let (_, banners, ends) = record.all
        #expect(ends.allSatisfy { $0 == 201 })
        #expect(banners.map(\.rank) == [rank])
        #expect(banners[0].what.hasPrefix("no progress on rank \(rank) "))
        #expect(banners[0].standing == "7 steps done, log in run/log.txt")
    }

    @Test func rankThatReportsItselfEndsTheOthersQuietly() throws {
        let record = Record()
        try run(record) { watch, record in
            // The others are known to rank 0 only once they have been heard.
            try watch.communicator.barrier()
            Thread.sleep(forTimeInterval: 0.5)
            if watch.communicator.rank == 1 { #expect(watch.mayReport(exitCode: 5) == true) }
            #expect(record.waitForEnds(2).allSatisfy { $0 == 5 })
        }
        #expect(record.all.banners.isEmpty)
    }

    @Test func oneOfTheRanksThatWantToReportMay() throws {
        let record = Record()
        let first = Mutex(0)
        try run(ranks: 4, record) { watch, _ in
            try watch.communicator.barrier()
            Thread.sleep(forTimeInterval: 0.5)
            if watch.mayReport(exitCode: 5) == true { first.withLock { $0 += 1 } }
            try watch.communicator.barrier()
        }
        #expect(first.withLock { $0 } == 1)
        #expect(record.all.banners.isEmpty)
    }

    @Test func ranksThatEndOneAfterTheOtherAreNotMissed() throws {
        let record = Record()
        try run(warning: 1, timeout: 1, record) { watch, _ in
            let recorder: SpanRecorder? = watch.recorder
            for _ in 0..<(watch.communicator.rank == 0 ? 60 : 1) {
                recorder.span("work", "forward") { Thread.sleep(forTimeInterval: 0.05) }
            }
        }
        let (warnings, banners, ends) = record.all
        #expect(warnings.isEmpty && banners.isEmpty && ends.isEmpty)
    }

    @Test func oneRankAloneIsWatchedToo() throws {
        let record = Record()
        try run(ranks: 1, warning: 1, record) { watch, record in
            let recorder: SpanRecorder? = watch.recorder
            recorder.span("open the log", "start") { _ = record.waitForWarning() }
        }
        #expect(record.all.warnings[0].contains("no progress on rank 0 "))
    }
}
