/// A group of ranks that run the same program and call the same collectives in the same order.
///
/// Buffers have the same element type and count on every rank; a communicator checks what it can and throws. Results
/// are the same bit for bit on all ranks, and the same on every run with the same ranks on the same hosts.
public protocol Communicator: AnyObject, Sendable {
    /// This rank, 0 ..< size.
    var rank: Int { get }
    /// Number of ranks.
    var size: Int { get }
    /// Name of the host this rank runs on.
    var host: String { get }
    /// This rank among those of its host, 0 ..< localSize.
    var localRank: Int { get }
    /// Number of ranks on this rank's host.
    var localSize: Int { get }

    /// Replaces each element with the sum, maximum or minimum over all ranks. Sums of integers wrap around.
    ///
    /// Where all ranks share one process or one host, the sum is `((rank 0 + rank 1) + rank 2) + …`.
    /// - Throws: `CollectiveMismatch`, or the error of a communicator that is broken or has lost a rank.
    func allreduce<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation)
        throws

    /// Replaces the buffer with that of rank `root`.
    /// - Throws: as `allreduce`.
    func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws

    /// Rank `root` receives every rank's values, in rank order; the counts may differ. Others receive an empty array.
    /// - Throws: as `allreduce`.
    func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]]

    /// Returns once every rank has called it.
    /// - Throws: as `allreduce`.
    func barrier() throws

    /// True on the first rank that asks, of those that could print the report of one failure of the whole job.
    func claimFailureReport() -> Bool

    /// Ends the whole job at once, with this exit code, without waiting for other ranks.
    func abort(exitCode: Int32) -> Never
}

extension Communicator {
    /// `allreduce` of an array in place.
    public func allreduce<Element: CollectiveElement>(_ values: inout [Element], _ operation: ReduceOperation) throws {
        var span = values.mutableSpan
        try allreduce(&span, operation)
    }

    /// `allreduce` of one value.
    public func allreduce<Element: CollectiveElement>(
        _ value: Element, _ operation: ReduceOperation
    ) throws -> Element {
        var values = [value]
        try allreduce(&values, operation)
        return values[0]
    }

    /// `broadcast` of an array whose count is the same on every rank.
    public func broadcast<Element: CollectiveElement>(_ values: inout [Element], from root: Int) throws {
        var span = values.mutableSpan
        try broadcast(&span, from: root)
    }
}
