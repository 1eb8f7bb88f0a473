/// A group of ranks that run the same program and call the same collectives in the same order.
///
/// Buffers have the same element type and count on every rank; a communicator checks what it can and throws. Results
/// are the same bit for bit on all ranks.
public protocol Communicator: AnyObject, Sendable {
    /// This rank, 0 ..< size.
    var rank: Int { get }
    /// Number of ranks.
    var size: Int { get }
    /// Name of the host this rank runs on.
    var host: String { get }

    /// Replaces each element with the sum, maximum or minimum over all ranks.
    func allreduce<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation) throws

    /// Replaces the buffer with that of rank `root`.
    func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws

    /// Rank `root` receives every rank's values, in rank order; the counts may differ. Others receive an empty array.
    func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]]

    /// Returns once every rank has called it.
    func barrier() throws

    /// Ends the whole job at once, with this exit code, without waiting for other ranks.
    func abort(exitCode: Int32) -> Never
}

/// Types that collectives carry: Float, Double, Int32, Int64, UInt8.
public protocol CollectiveElement: BitwiseCopyable, Comparable, Sendable, Numeric {}

extension Float: CollectiveElement {}
extension Double: CollectiveElement {}
extension Int32: CollectiveElement {}
extension Int64: CollectiveElement {}
extension UInt8: CollectiveElement {}

public enum ReduceOperation: Sendable, CaseIterable {
    case sum, max, min
}

extension Communicator {
    /// `allreduce` of an array in place.
    public func allreduce<Element: CollectiveElement>(_ values: inout [Element], _ operation: ReduceOperation) throws {
        var span = values.mutableSpan
        try allreduce(&span, operation)
    }

    /// `broadcast` of an array whose count is the same on every rank.
    public func broadcast<Element: CollectiveElement>(_ values: inout [Element], from root: Int) throws {
        var span = values.mutableSpan
        try broadcast(&span, from: root)
    }
}
