/// What an `allreduce` makes of the ranks' values.
public enum ReduceOperation: Sendable, CaseIterable {
    /// Of all values; integers wrap around.
    case sum
    /// The greatest value.
    case max
    /// The least value.
    case min
}

/// Names a collective element type for libraries that cannot be handed a Swift type.
public enum CollectiveElementKind: Int64, Sendable, CaseIterable {
    /// `Float`
    case float
    /// `Double`
    case double
    /// `Int32`
    case int32
    /// `Int64`
    case int64
    /// `UInt8`
    case uint8
}

/// Types that collectives carry: Float, Double, Int32, Int64, UInt8. Not to be conformed to elsewhere.
public protocol CollectiveElement: BitwiseCopyable, Comparable, Sendable, Numeric {
    /// The type's name.
    static var collectiveKind: CollectiveElementKind { get }

    /// total[i] = operation(total[i], values[i]). Integers wrap around.
    ///
    /// A requirement, so that each type has its own vectorised loop even when a caller's generic code is not
    /// specialised.
    /// - Precondition: both have the same count.
    static func accumulate(_ values: Span<Self>, into total: inout MutableSpan<Self>, _ operation: ReduceOperation)
}

extension Float: CollectiveElement {
    public static var collectiveKind: CollectiveElementKind { .float }

    public static func accumulate(
        _ values: Span<Self>, into total: inout MutableSpan<Self>, _ operation: ReduceOperation
    ) {
        combine(values, into: &total, operation, sum: +)
    }
}

extension Double: CollectiveElement {
    public static var collectiveKind: CollectiveElementKind { .double }

    public static func accumulate(
        _ values: Span<Self>, into total: inout MutableSpan<Self>, _ operation: ReduceOperation
    ) {
        combine(values, into: &total, operation, sum: +)
    }
}

extension Int32: CollectiveElement {
    public static var collectiveKind: CollectiveElementKind { .int32 }

    public static func accumulate(
        _ values: Span<Self>, into total: inout MutableSpan<Self>, _ operation: ReduceOperation
    ) {
        combine(values, into: &total, operation, sum: &+)
    }
}

extension Int64: CollectiveElement {
    public static var collectiveKind: CollectiveElementKind { .int64 }

    public static func accumulate(
        _ values: Span<Self>, into total: inout MutableSpan<Self>, _ operation: ReduceOperation
    ) {
        combine(values, into: &total, operation, sum: &+)
    }
}

extension UInt8: CollectiveElement {
    public static var collectiveKind: CollectiveElementKind { .uint8 }

    public static func accumulate(
        _ values: Span<Self>, into total: inout MutableSpan<Self>, _ operation: ReduceOperation
    ) {
        combine(values, into: &total, operation, sum: &+)
    }
}

@inline(__always)
private func combine<Element: CollectiveElement>(
    _ values: Span<Element>, into total: inout MutableSpan<Element>, _ operation: ReduceOperation,
    sum: (Element, Element) -> Element
) {
    precondition(values.count == total.count, "\(values.count) values cannot be combined with \(total.count)")
    // The indices lie within both counts, which were just compared; checks inside would stop vectorisation.
    switch operation {
    case .sum:
        for i in 0..<values.count {
            total[unchecked: i] = sum(total[unchecked: i], values[unchecked: i])
        }
    case .max:
        for i in 0..<values.count where values[unchecked: i] > total[unchecked: i] {
            total[unchecked: i] = values[unchecked: i]
        }
    case .min:
        for i in 0..<values.count where values[unchecked: i] < total[unchecked: i] {
            total[unchecked: i] = values[unchecked: i]
        }
    }
}
