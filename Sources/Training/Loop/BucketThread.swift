import Foundation

/// A thread that reduces a step's buckets, in order, as they become full.
final class BucketThread: @unchecked Sendable {
    private let buckets: GradientBuckets
    private let condition = NSCondition()
    // Everything below is guarded by the condition's lock.
    private var learningRate = 0.0
    /// Buckets of this step that may be reduced, and those that have been.
    private var full = 0
    private var reduced = 0
    private var failure: (any Error)?
    private var isEnding = false
    private var hasEnded = false

    init(_ buckets: GradientBuckets) {
        self.buckets = buckets
        let thread = Thread { self.work() }
        thread.name = "gradients"
        thread.start()
    }

    /// - Precondition: the step before has finished.
    func begin(learningRate: Double) {
        condition.withLock {
            precondition(failure != nil || reduced == full && [0, buckets.count].contains(full), "an unfinished step")
            (full, reduced) = (0, 0)
            self.learningRate = learningRate
        }
    }

    /// The first `count` buckets hold their final gradients, and their parameters are not read any more.
    func fill(_ count: Int) {
        condition.withLock {
            guard count > full else { return }
            full = count
            condition.broadcast()
        }
    }

    /// Waits until all buckets are reduced.
    /// - Throws: what stopped the thread.
    func finish() throws {
        try condition.withLock {
            while reduced < buckets.count {
                if let failure { throw failure }
                condition.wait()
            }
        }
    }

    /// Ends the thread; waits for it unless it is at work: then the step was given up, and it may wait for ranks that
    /// never come. It ends with its collective, or with the process.
    func end() {
        condition.withLock {
            isEnding = true
            condition.broadcast()
            while !hasEnded, reduced == full { condition.wait() }
        }
    }

    private func work() {
        while let (bucket, rate) = next() {
            do {
                try buckets.reduce(bucket, learningRate: rate)
                condition.withLock {
                    reduced += 1
                    condition.broadcast()
                }
            } catch {
                condition.withLock {
                    failure = error
                    isEnding = true
                }
            }
        }
        condition.withLock {
            hasEnded = true
            condition.broadcast()
        }
    }

    /// Waits for a bucket to reduce; nil at the end.
    private func next() -> (bucket: Int, learningRate: Double)? {
        condition.withLock {
            while reduced == full, !isEnding { condition.wait() }
            return isEnding ? nil : (reduced, learningRate)
        }
    }
}
