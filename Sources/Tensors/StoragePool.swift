import Foundation

/// Recycles tensor memory: a freed block serves the next request of its size class, so that a training step, whose
/// tensors have the same sizes each time, allocates nothing once the first step is over.
///
/// Liveness is reference counting's: a block returns when the last tensor that views it goes away.
public final class StoragePool: @unchecked Sendable {
    private let lock = NSLock()
    private var free: [Int: [UnsafeMutableRawPointer]] = [:]
    private var allocated = 0
    private var live = 0
    private var peak = 0
    private var systemAllocations = 0

    /// An empty pool.
    public init() {}

    deinit { releaseFreeBlocks() }

    /// Bytes in use and bytes taken from the system, to report and to test that a steady state allocates nothing.
    public struct Statistics: Equatable, Sendable {
        /// Of blocks that tensors use.
        public let bytesInUse: Int
        /// The most there ever were.
        public let peakBytesInUse: Int
        /// Of blocks in use and free ones.
        public let bytesFromSystem: Int
        /// Blocks taken from the system since the pool was made.
        public let systemAllocations: Int
    }

    /// As of now.
    public var statistics: Statistics {
        lock.withLock {
            Statistics(
                bytesInUse: live, peakBytesInUse: peak, bytesFromSystem: allocated, systemAllocations: systemAllocations
            )
        }
    }

    /// Gives blocks that no tensor uses back to the system.
    public func releaseFreeBlocks() {
        lock.withLock {
            for (size, blocks) in free {
                for block in blocks {
                    Foundation.free(block)
                    allocated -= size
                }
            }
            free.removeAll()
        }
    }

    /// At most 12.5 % above `bytes`, so that images of slightly different sizes share blocks.
    private static func sizeClass(_ bytes: Int) -> Int {
        guard bytes > 4096 else { return max(64, (bytes + 63) & ~63) }
        let step = 1 << max(6, (Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount) - 3)
        return (bytes + step - 1) / step * step
    }

    func allocate(bytes: Int) -> (pointer: UnsafeMutableRawPointer, size: Int) {
        let size = Self.sizeClass(bytes)
        let recycled = lock.withLock { () -> UnsafeMutableRawPointer? in
            live += size
            peak = max(peak, live)
            if let block = free[size]?.popLast() { return block }
            allocated += size
            systemAllocations += 1
            return nil
        }
        return (recycled ?? allocateAligned(bytes: size), size)
    }

    func recycle(_ pointer: UnsafeMutableRawPointer, size: Int) {
        lock.withLock {
            live -= size
            free[size, default: []].append(pointer)
        }
    }
}

private let hugePage = 2 << 20

/// Memory aligned to a cache line; large blocks to huge pages, which the kernel is asked to use.
func allocateAligned(bytes: Int) -> UnsafeMutableRawPointer {
    let large = bytes >= 2 * hugePage
    var pointer: UnsafeMutableRawPointer?
    let status = posix_memalign(&pointer, large ? hugePage : 64, max(bytes, 64))
    guard status == 0, let pointer else { fatalError("out of memory: cannot allocate \(bytes) bytes for a tensor") }
    if large { madvise(pointer, bytes, MADV_HUGEPAGE) }
    return pointer
}
