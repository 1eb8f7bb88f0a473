/// How the logical elements of a tensor lie in memory.
public enum Layout: Hashable, Sendable {
    /// Last dimension fastest, nothing between elements; (N, C, H, W) images are "NCHW".
    case rowMajor

    /// (N, C, H, W) stored as (N, ⌈C/b⌉, H, W, b): oneDNN's `nChw16c` for b = 16, `nChw8c` for b = 8.
    /// The channels that pad C to a multiple of b are zero, and every kernel keeps them so.
    case channelBlocked(Int)

    /// A layout that only the backend which made it can read, used for convolution filters.
    case packed(PackedLayout)

    /// Number of Floats a tensor of `shape` occupies, padding included.
    public func storageCount(for shape: Shape) -> Int {
        switch self {
        case .rowMajor:
            return shape.elementCount
        case .channelBlocked(let block):
            precondition(shape.rank == 4, "a channel-blocked tensor has four dimensions, not \(shape)")
            return shape.batch * ((shape.channels + block - 1) / block * block) * shape.positions
        case .packed(let packed):
            return packed.storageCount
        }
    }
}

/// A backend's own filter layout.
public struct PackedLayout: Hashable, Sendable {
    /// Equal identifiers mean equal placement of every element; ranks compare them before they exchange buffers.
    public let identifier: String
    /// Number of Floats, padding included.
    public let storageCount: Int

    /// A layout that a backend names; `storageCount` Floats hold a filter in it.
    public init(identifier: String, storageCount: Int) {
        self.identifier = identifier
        self.storageCount = storageCount
    }
}
