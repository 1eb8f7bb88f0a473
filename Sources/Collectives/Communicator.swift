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
    /// The order of additions is fixed. A node is a host, or less where ranks cannot share memory: the ranks of a node
    /// are added first, `((a + b) + c) + …` in rank order, and then the nodes' sums, in the order of their lowest ranks.
    /// It does not depend on the buffer's size or on an element's place in it. With one node, or one rank a node, it is
    /// rank order; else three ranks or more may round to other sums than on one host, as (a + b) + (c + d) is not
    /// ((a + b) + c) + d.
    /// - Throws: `CollectiveMismatch`, or the error of a communicator that is broken or has lost a rank.
    func allreduce<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation)
        throws

    /// The sum over all ranks, with compressed messages between nodes if `wire` says so.
    ///
    /// With `bfloat16` each node's sum is rounded to bfloat16; these are added in single precision, and their sum is
    /// rounded once more: what every rank gets, bit for bit. Inside a node, and where there is but one, there are no
    /// messages and nothing is rounded.
    /// - Throws: as `allreduce`.
    func sum(_ buffer: inout MutableSpan<Float>, wire: WireFormat) throws

    /// Replaces the buffer with that of rank `root`.
    /// - Throws: as `allreduce`.
    func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws

    /// Rank `root` receives every rank's values, in rank order; the counts may differ. Others receive an empty array.
    /// - Throws: as `allreduce`.
    func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]]

    /// Returns once every rank has called it.
    /// - Throws: as `allreduce`.
    func barrier() throws

    /// A communicator of the same ranks whose collectives do not mix with this one's: another thread may be inside one
    /// of them at the same time if `allowsConcurrentDuplicates`. All ranks must call it, as a collective.
    /// - Throws: as `allreduce`.
    func duplicate() throws -> any Communicator

    /// A communicator of the ranks that give the same colour, in the order they have here. All ranks must call it, as a
    /// collective.
    /// - Throws: as `allreduce`.
    func split(color: Int) throws -> any Communicator

    /// Whether several threads may use a communicator and its duplicates, each its own, at the same time.
    var allowsConcurrentDuplicates: Bool { get }

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
