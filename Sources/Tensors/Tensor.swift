import Foundation

/// Float memory on a 64-byte boundary, owned by the tensors that view it.
final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    private let bytes: Int
    private let pool: StoragePool?

    init(count: Int, pool: StoragePool?) {
        let wanted = count * MemoryLayout<Float>.stride
        if let pool {
            let block = pool.allocate(bytes: wanted)
            pointer = block.pointer.bindMemory(to: Float.self, capacity: count)
            bytes = block.size
        } else {
            pointer = allocateAligned(bytes: wanted).bindMemory(to: Float.self, capacity: count)
            bytes = wanted
        }
        self.pool = pool
    }

    deinit {
        if let pool { pool.recycle(pointer, size: bytes) } else { free(pointer) }
    }
}

/// A shape and a layout over shared single-precision storage.
///
/// A `Tensor` is a view: copying the value copies no elements, and kernels write through it. Two threads may use one
/// tensor at the same time only if neither writes.
public struct Tensor: @unchecked Sendable {
    /// The logical dimensions.
    public let shape: Shape
    /// How the elements lie in memory.
    public let layout: Layout
    private let storage: Storage
    private let offset: Int

    /// A tensor whose elements are not set, except that the padding channels of a blocked layout are zero.
    public init(_ shape: Shape, layout: Layout = .rowMajor, pool: StoragePool? = nil) {
        self.shape = shape
        self.layout = layout
        storage = Storage(count: layout.storageCount(for: shape), pool: pool)
        offset = 0
        if case .channelBlocked(let block) = layout, shape.channels % block != 0 { zero() }
        if case .packed = layout { zero() }
    }

    /// A tensor of zeros.
    public static func zeros(_ shape: Shape, layout: Layout = .rowMajor, pool: StoragePool? = nil) -> Tensor {
        let tensor = Tensor(shape, layout: layout, pool: pool)
        tensor.zero()
        return tensor
    }

    /// A tensor with the given elements in row-major order, stored in `layout`.
    /// - Precondition: `values.count` is the shape's element count; `layout` is not packed.
    public init(_ values: [Float], shape: Shape, layout: Layout = .rowMajor, pool: StoragePool? = nil) {
        self.init(shape, layout: layout, pool: pool)
        copy(from: values)
    }

    private init(shape: Shape, layout: Layout, storage: Storage, offset: Int) {
        self.shape = shape
        self.layout = layout
        self.storage = storage
        self.offset = offset
    }

    /// Number of Floats in memory, padding included.
    public var storageCount: Int { layout.storageCount(for: shape) }

    /// The first element. Valid while this tensor, or another view of its storage, lives.
    package var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

    /// Reads the stored Floats, padding included, in storage order.
    public func withUnsafeBufferPointer<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: pointer, count: storageCount)) }
    }

    /// Writes the stored Floats, padding included, in storage order. Padding must stay zero.
    public func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(UnsafeMutableBufferPointer(start: pointer, count: storageCount)) }
    }

    /// Sets every stored Float to zero.
    public func zero() {
        withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    /// Copies the stored Floats of a tensor that stores as many, whatever its shape.
    public func copyStored(from other: Tensor) {
        precondition(storageCount == other.storageCount, "copying \(other.storageCount) Floats to \(storageCount)")
        other.withUnsafeBufferPointer { source in
            withUnsafeMutableBufferPointer { _ = $0.update(from: source) }
        }
    }

    /// A view of `layout.storageCount(for: shape)` Floats of this row-major tensor, from its Float `start` on.
    /// - Precondition: the view lies inside this tensor.
    public func view(at start: Int, shape: Shape, layout: Layout = .rowMajor) -> Tensor {
        precondition(self.layout == .rowMajor, "only a row-major tensor can be cut into views")
        precondition(
            start >= 0 && start + layout.storageCount(for: shape) <= storageCount,
            "a view of \(shape) from \(start) leaves a tensor of \(storageCount) elements")
        return Tensor(shape: shape, layout: layout, storage: storage, offset: offset + start)
    }

    /// The same elements under another shape of equal count.
    /// - Precondition: the tensor is row-major.
    public func reshaped(_ shape: Shape) -> Tensor {
        precondition(shape.elementCount == self.shape.elementCount, "cannot reshape \(self.shape) to \(shape)")
        return view(at: 0, shape: shape)
    }
}
