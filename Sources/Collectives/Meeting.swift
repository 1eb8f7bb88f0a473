import Foundation

/// Where the threads of an in-memory group meet: every collective is one exchange of all ranks' contributions.
final class Meeting: @unchecked Sendable {
    let size: Int
    // Everything below is guarded by the condition's lock.
    private let condition = NSCondition()
    private var calls: [CollectiveCall?]
    private var contributions: [any Sendable]
    /// What the last complete exchange collected; valid until the next one completes.
    private var collected: [any Sendable] = []
    private var arrived = 0
    private var completed = 0
    private var left: [Bool]
    private var failure: (rank: Int?, error: any Error)?
    private var isReported = false
    /// Of the group's duplicates and parts, which end with it.
    private var duplicates: [Meeting] = []
    private var parts: [Part: Meeting] = [:]

    private struct Part: Hashable {
        let split: Int
        let members: [Int]
    }

    init(size: Int) {
        self.size = size
        calls = Array(repeating: nil, count: size)
        contributions = Array(repeating: 0, count: size)
        left = Array(repeating: false, count: size)
    }

    /// The error of the first rank that failed.
    var firstFailure: (any Error)? {
        condition.withLock { failure?.error }
    }

    /// Hands in this rank's values and returns those of all ranks, in rank order, once all have come.
    func exchange<Element: CollectiveElement>(
        _ rank: Int, _ call: CollectiveCall, _ values: [Element]
    ) throws -> [[Element]] {
        condition.lock()
        defer { condition.unlock() }
        try checkFailure(of: call, on: rank)
        calls[rank] = call
        contributions[rank] = values
        arrived += 1
        let mine = completed
        if arrived == size {
            complete()
        } else {
            checkLeavers()
        }
        while completed == mine {
            try checkFailure(of: call, on: rank)
            condition.wait()
        }
        guard let result = collected as? [[Element]] else {
            preconditionFailure("an exchange of \(Element.self) collected something else")
        }
        return result
    }

    /// The meeting of the group's duplicate of this number, the same for all ranks.
    func duplicate(_ number: Int) -> Meeting {
        condition.withLock {
            if number == duplicates.count { duplicates.append(Meeting(size: size)) }
            return duplicates[number]
        }
    }

    /// The meeting of some of the ranks, the same for all of them.
    func part(of members: [Int], split: Int) -> Meeting {
        condition.withLock {
            let part = Part(split: split, members: members)
            let meeting = parts[part] ?? Meeting(size: members.count)
            parts[part] = meeting
            return meeting
        }
    }

    /// Notes that a rank's program has ended, with an error or without.
    func leave(_ rank: Int, failing error: (any Error)? = nil) {
        condition.lock()
        defer { condition.unlock() }
        left[rank] = true
        if let error, failure == nil { failure = (rank, error) }
        checkLeavers()
        condition.broadcast()
        for duplicate in duplicates { duplicate.leave(rank, failing: error) }
        for (part, meeting) in parts {
            if let place = part.members.firstIndex(of: rank) { meeting.leave(place, failing: error) }
        }
    }

    func claimFailureReport() -> Bool {
        condition.withLock {
            defer { isReported = true }
            return !isReported
        }
    }

    private func complete() {
        arrived = 0
        if let mismatch = CollectiveMismatch(calls.compactMap { $0 }) {
            failure = (nil, mismatch)
        } else {
            collected = contributions
            completed += 1
        }
        calls = Array(repeating: nil, count: size)
        condition.broadcast()
    }

    /// A rank that has ended can take part in no exchange: fail one that others wait in.
    private func checkLeavers() {
        guard failure == nil, let gone = left.firstIndex(of: true),
            let waiting = calls.firstIndex(where: { $0 != nil }), let call = calls[waiting]
        else { return }
        failure = (nil, CollectiveMismatch(finished: gone, whileOthersCalled: call, on: waiting))
        condition.broadcast()
    }

    private func checkFailure(of call: CollectiveCall, on rank: Int) throws {
        guard let failure else { return }
        guard let failed = failure.rank else { throw failure.error }
        throw RankLost(
            rank: failed,
            description: "\(call) on rank \(rank) cannot complete, because rank \(failed) failed: \(failure.error)")
    }
}
