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

/// One rank of an in-memory group.
public final class InMemoryCommunicator: Communicator {
    public let rank: Int
    public let host = "in-memory"
    public var size: Int { meeting.size }
    public var localRank: Int { rank }
    public var localSize: Int { size }
    private let meeting: Meeting

    init(rank: Int, meeting: Meeting) {
        self.rank = rank
        self.meeting = meeting
    }

    public func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) throws {
        let call = CollectiveCall(allreduce: Element.self, count: buffer.count, operation)
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

    public func claimFailureReport() -> Bool { meeting.claimFailureReport() }

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
