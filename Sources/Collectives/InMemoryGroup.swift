import Dispatch
import Foundation

/// Runs a program's ranks as threads of one process, for tests.
public enum InMemoryGroup {
    /// Runs `body` once a rank, each on its own thread, and returns the results in rank order.
    ///
    /// If a rank throws, the collectives that others wait in fail with `RankLost`, and the first rank's error is
    /// rethrown once all threads have ended.
    /// - Parameters:
    ///   - ranks: Number of ranks, at least 1.
    ///   - stackSize: Bytes of stack of each thread.
    ///   - body: what each rank does.
    public static func run<Result: Sendable>(
        ranks: Int, stackSize: Int = 16 << 20,
        _ body: @escaping @Sendable (InMemoryCommunicator) throws -> Result
    ) throws -> [Result] {
        precondition(ranks >= 1, "a group has at least one rank, not \(ranks)")
        let meeting = Meeting(size: ranks)
        let results = ResultSlots<Result>(count: ranks)
        let running = DispatchGroup()
        for rank in 0..<ranks {
            running.enter()
            let thread = Thread {
                do {
                    results.set(try body(InMemoryCommunicator(rank: rank, meeting: meeting)), at: rank)
                    meeting.leave(rank)
                } catch {
                    meeting.leave(rank, failing: error)
                }
                running.leave()
            }
            thread.name = "rank \(rank)"
            thread.stackSize = stackSize
            thread.start()
        }
        running.wait()
        if let failure = meeting.firstFailure { throw failure }
        return results.all()
    }
}

/// Another rank failed, so this rank's collective can never complete.
public struct RankLost: CommunicationFailure, Equatable {
    /// The rank that failed.
    public let rank: Int
    public let description: String
}

/// One rank of an in-memory group: one node, so that messages are never compressed.
public final class InMemoryCommunicator: Communicator, @unchecked Sendable {
    public let rank: Int
    public let host = "in-memory"
    public var size: Int { meeting.size }
    public var localRank: Int { rank }
    public var localSize: Int { size }
    private let meeting: Meeting
    /// What this is a duplicate or a part of.
    private let original: InMemoryCommunicator?
    /// Duplicates and splits that this rank has made. One thread at a time uses a communicator.
    private var duplicates = 0
    private var splits = 0

    init(rank: Int, meeting: Meeting, original: InMemoryCommunicator? = nil) {
        self.rank = rank
        self.meeting = meeting
        self.original = original
    }

    public func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) throws {
        try allreduce(&buffer, operation, CollectiveCall(allreduce: Element.self, count: buffer.count, operation))
    }

    public func sum(_ buffer: inout MutableSpan<Float>, wire: WireFormat) throws {
        try allreduce(&buffer, .sum, CollectiveCall(sumOfFloats: buffer.count, wire: wire))
    }

    private func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation, _ call: CollectiveCall
    ) throws {
        let contributions = try meeting.exchange(rank, call, elements(of: buffer.span))
        copy(contributions[0], to: &buffer)
        for contribution in contributions.dropFirst() {
            Element.accumulate(contribution.span, into: &buffer, operation)
        }
    }

    public func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws {
        precondition(root >= 0 && root < size, "there is no rank \(root) in a group of \(size)")
        let call = CollectiveCall(broadcast: Element.self, count: buffer.count, root: root)
        let contributions = try meeting.exchange(rank, call, rank == root ? elements(of: buffer.span) : [])
        if rank != root { copy(contributions[root], to: &buffer) }
    }

    public func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]] {
        precondition(root >= 0 && root < size, "there is no rank \(root) in a group of \(size)")
        let contributions = try meeting.exchange(rank, CollectiveCall(gather: Element.self, root: root), values)
        return rank == root ? contributions : []
    }

    public func barrier() throws {
        _ = try meeting.exchange(rank, .barrier, [UInt8]())
    }

    public func duplicate() throws -> any Communicator {
        try barrier()
        duplicates += 1
        return InMemoryCommunicator(rank: rank, meeting: meeting.duplicate(duplicates - 1), original: self)
    }

    public func split(color: Int) throws -> any Communicator {
        let colors = try meeting.exchange(rank, CollectiveCall(gather: Int64.self, root: 0), [Int64(color)])
        let members = (0..<size).filter { colors[$0][0] == Int64(color) }
        splits += 1
        guard let place = members.firstIndex(of: rank) else { preconditionFailure("rank \(rank) is in no part") }
        return InMemoryCommunicator(
            rank: place, meeting: meeting.part(of: members, split: splits - 1), original: self)
    }

    public var allowsConcurrentDuplicates: Bool { true }

    public func claimFailureReport() -> Bool {
        original?.claimFailureReport() ?? meeting.claimFailureReport()
    }

    /// Ends the process, with all ranks in it.
    public func abort(exitCode: Int32) -> Never {
        exit(exitCode)
    }

    private func elements<Element: CollectiveElement>(of span: Span<Element>) -> [Element] {
        span.withUnsafeBufferPointer { Array($0) }
    }

    private func copy<Element: CollectiveElement>(_ source: [Element], to buffer: inout MutableSpan<Element>) {
        buffer.withUnsafeMutableBufferPointer { target in
            source.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
        }
    }
}

/// Results that threads leave, one a rank.
private final class ResultSlots<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Value?]

    init(count: Int) { values = Array(repeating: nil, count: count) }

    func set(_ value: Value, at rank: Int) { lock.withLock { values[rank] = value } }

    func all() -> [Value] { lock.withLock { values.compactMap { $0 } } }
}
