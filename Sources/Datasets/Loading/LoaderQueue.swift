import Foundation

/// The work of a loader, shared between its threads and the consumer: images in the order of the plans, at most `depth`
/// batches ahead of the one the consumer has.
final class LoaderQueue: @unchecked Sendable {
    struct Job {
        let batch: PendingBatch
        /// In the batch's plan.
        let position: Int
    }

    private let plans: [BatchPlan]
    private let depth: Int
    /// Guards everything below, and the pending batches.
    private let condition = NSCondition()
    private var pending: [Int: PendingBatch] = [:]
    /// The next image to hand to a worker.
    private var cursor = (batch: 0, position: 0)
    /// Batches that the consumer has taken.
    private var delivered = 0
    private var cancelled = false

    init(plans: [BatchPlan], depth: Int) {
        self.plans = plans
        self.depth = depth
    }

    /// Runs `body` under the lock.
    func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        try condition.withLock(body)
    }

    /// Waits until there is an image to load; nil when there is nothing left to do.
    func nextJob() -> Job? {
        condition.withLock {
            while !cancelled {
                while cursor.batch < plans.count, cursor.position >= plans[cursor.batch].indices.count {
                    cursor = (cursor.batch + 1, 0)
                }
                guard cursor.batch < plans.count else { return nil }
                if cursor.batch < delivered + depth {
                    defer { cursor.position += 1 }
                    return Job(batch: pendingBatch(cursor.batch), position: cursor.position)
                }
                condition.wait()
            }
            return nil
        }
    }

    func finish(_ job: Job, mix: LabelMix? = nil, failure: (any Error)? = nil) {
        condition.withLock {
            job.batch.finish(position: job.position, mix: mix, failure: failure)
            if job.batch.isComplete { condition.broadcast() }
        }
    }

    /// Waits for the next batch in order; nil after the last one or when cancelled.
    func nextBatch() -> PendingBatch? {
        condition.withLock {
            guard delivered < plans.count else { return nil }
            let number = delivered
            let batch = pendingBatch(number)
            while !batch.isComplete, !cancelled { condition.wait() }
            if cancelled { return nil }
            pending[number] = nil
            delivered += 1
            condition.broadcast()
            return batch
        }
    }

    /// Whether `nextBatch()` would return at once.
    var isNextReady: Bool {
        condition.withLock { delivered >= plans.count || cancelled || pendingBatch(delivered).isComplete }
    }

    func cancel() {
        condition.withLock {
            cancelled = true
            condition.broadcast()
        }
    }

    private func pendingBatch(_ number: Int) -> PendingBatch {
        if let batch = pending[number] { return batch }
        let batch = PendingBatch(plan: plans[number])
        pending[number] = batch
        return batch
    }
}
