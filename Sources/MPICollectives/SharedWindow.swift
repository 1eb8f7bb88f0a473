import CMPI
import Collectives

/// Memory that all ranks of a node share, and the reduction through it.
///
/// Every rank owns a segment of three slots and a header. A buffer goes through in chunks, one a step; in step k a
/// rank copies its chunk k into its segment, reduces its slice of chunk k - 1 over all segments, and copies the other
/// ranks' slices of chunk k - 2 back. One barrier separates the steps, so the three chunks need three slots. The chunks
/// stay in the processors' caches, so main memory sees little more than one read and one write of the buffer.
///
/// The order of summation is that of the ranks, whatever the timing.
final class SharedWindow {
    private static let slots = 3
    /// Bytes of a slot: small enough that a step's three slots of a few ranks stay in the caches, large enough that
    /// the barrier does not count.
    private static let slotBytes = 256 << 10
    /// Bytes after the slots: what each slot's chunk belongs to, then, used in rank 0's segment, a flag and a barrier.
    private static let headerBytes = 4096
    private static let callBytes = 64
    private static let flagOffset = slots * callBytes
    private static let barrierOffset = flagOffset + 64

    /// This rank's place among those of the node.
    private let rank: Int
    /// The node's ranks, as the whole job counts them.
    private let ranks: [Int]
    private var size: Int { ranks.count }
    private let check: MPIStatusCheck
    private let barrier: NodeBarrier
    private var window: MPI_Win?
    /// The ranks' segments.
    private let segments: [UnsafeMutableRawPointer]
    /// Chunks so far, of all calls: chunk k takes slot k mod 3.
    private var chunks = 0

    /// - Parameter node: A communicator of ranks that can share memory, `ranks` of the whole job, of which this one is
    ///   the `rank`th. All of them must call this.
    init(node: MPI_Comm, rank: Int, ranks: [Int], check: MPIStatusCheck) throws {
        self.rank = rank
        self.ranks = ranks
        self.check = check
        let bytes = Self.slots * Self.slotBytes + Self.headerBytes
        var mine: UnsafeMutableRawPointer?
        try check(
            "MPI_Win_allocate_shared",
            MPI_Win_allocate_shared(bytes, 1, CMPI_INFO_NULL(), node, &mine, &window))
        // A window does not inherit the communicator's error handler.
        try check("MPI_Win_set_errhandler", MPI_Win_set_errhandler(window, CMPI_ERRORS_RETURN()))
        // Touched first by its owner, so that it lies in that rank's memory on machines with several.
        mine?.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        let segments = try ranks.indices.map { [window] other in
            var (length, unit): (MPI_Aint, Int32) = (0, 0)
            var segment: UnsafeMutableRawPointer?
            try check(
                "MPI_Win_shared_query", MPI_Win_shared_query(window, Int32(other), &length, &unit, &segment))
            guard let segment, length >= bytes else {
                throw MPIUnavailable(
                    description: "rank \(other)'s shared memory cannot be reached from rank \(rank)",
                    hint: "set AAM_SHARED_MEMORY=0 to do without it")
            }
            return segment
        }
        self.segments = segments
        barrier = NodeBarrier(ranks: ranks.count, at: segments[0] + Self.slots * Self.slotBytes + Self.barrierOffset)
        // An epoch for the lifetime of the window: loads and stores need no other synchronisation than the barrier's.
        try check("MPI_Win_lock_all", MPI_Win_lock_all(MPI_MODE_NOCHECK, window))
        // Our own barrier can be used once its memory has been set to zero.
        try check("MPI_Barrier", MPI_Barrier(node))
    }

    /// Gives the memory back. All ranks must call this.
    func free() throws {
        try check("MPI_Win_unlock_all", MPI_Win_unlock_all(window))
        try check("MPI_Win_free", MPI_Win_free(&window))
    }

    /// True for the first rank that asks.
    func setFlag() -> Bool {
        let flag = header(of: 0) + Self.flagOffset
        return CMPI_exchange(flag.assumingMemoryBound(to: Int32.self), 1) == 0
    }

    /// Replaces each element with the sum, maximum or minimum over the ranks.
    /// - Throws: `CollectiveMismatch` if the ranks' calls of this function differ; `MPIFailure`.
    func allreduce<Element: CollectiveElement>(
        _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReduceOperation, _ call: CollectiveCall
    ) throws {
        let capacity = Self.slotBytes / MemoryLayout<Element>.stride
        // An empty buffer takes a step too, as the others' may not be empty.
        let count = max(1, (buffer.count + capacity - 1) / capacity)
        let first = chunks
        chunks += count
        publish(call, inSlot: first % Self.slots)
        func chunk(_ k: Int) -> UnsafeMutableBufferPointer<Element>? {
            guard (0..<count).contains(k) else { return nil }
            return UnsafeMutableBufferPointer(rebasing: buffer[k * capacity..<min((k + 1) * capacity, buffer.count)])
        }
        for step in 0..<count + 2 {
            if let elements = chunk(step) {
                copy(UnsafeBufferPointer(elements), to: part(0..<elements.count, of: rank, (first + step) % Self.slots))
            }
            if step == 1 { try checkCalls(inSlot: first % Self.slots) }
            if let elements = chunk(step - 1) { reduce(elements, (first + step - 1) % Self.slots, operation) }
            if let elements = chunk(step - 2) { copyBack(elements, (first + step - 2) % Self.slots) }
            if step <= count { barrier.wait() }
        }
    }

    /// Copies the first rank's elements to the others, whose counts are the same: they called `allreduce` before.
    func broadcast<Element: CollectiveElement>(_ buffer: UnsafeMutableBufferPointer<Element>) {
        let capacity = Self.slotBytes / MemoryLayout<Element>.stride
        let count = (buffer.count + capacity - 1) / capacity
        let first = chunks
        chunks += count
        for k in 0..<count {
            let chunk = UnsafeMutableBufferPointer(
                rebasing: buffer[k * capacity..<min((k + 1) * capacity, buffer.count)])
            let shared: UnsafeMutableBufferPointer<Element> = part(0..<chunk.count, of: 0, (first + k) % Self.slots)
            if rank == 0 { copy(UnsafeBufferPointer(chunk), to: shared) }
            // The first rank goes on to the next slot while the others read this one.
            barrier.wait()
            if rank > 0 { copy(UnsafeBufferPointer(shared), to: chunk) }
        }
    }

    /// Reduces this rank's slice of a chunk, into the caller's buffer and from there into this rank's segment.
    private func reduce<Element: CollectiveElement>(
        _ chunk: UnsafeMutableBufferPointer<Element>, _ slot: Int, _ operation: ReduceOperation
    ) {
        let range = slice(of: rank, count: chunk.count)
        let target = UnsafeMutableBufferPointer(rebasing: chunk[range])
        copy(UnsafeBufferPointer(part(range, of: 0, slot)), to: target)
        var total = target.mutableSpan
        for other in 1..<size {
            Element.accumulate(UnsafeBufferPointer(part(range, of: other, slot)).span, into: &total, operation)
        }
        copy(UnsafeBufferPointer(target), to: part(range, of: rank, slot))
    }

    /// Copies the slices that the other ranks reduced into the caller's buffer.
    private func copyBack<Element>(_ chunk: UnsafeMutableBufferPointer<Element>, _ slot: Int) {
        for other in 0..<size where other != rank {
            let range = slice(of: other, count: chunk.count)
            let target = UnsafeMutableBufferPointer(rebasing: chunk[range])
            copy(UnsafeBufferPointer(part(range, of: other, slot)), to: target)
        }
    }

    /// The part of a chunk that a rank reduces.
    private func slice(of rank: Int, count: Int) -> Range<Int> {
        count * rank / size..<count * (rank + 1) / size
    }

    /// A range of the elements in one slot of a rank's segment.
    private func part<Element>(_ range: Range<Int>, of rank: Int, _ slot: Int) -> UnsafeMutableBufferPointer<Element> {
        let start = (segments[rank] + slot * Self.slotBytes).assumingMemoryBound(to: Element.self)
        return UnsafeMutableBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    /// As raw memory: unspecialised generic code would copy element by element.
    private func copy<Element>(_ source: UnsafeBufferPointer<Element>, to target: UnsafeMutableBufferPointer<Element>) {
        UnsafeMutableRawBufferPointer(target).copyMemory(from: UnsafeRawBufferPointer(source))
    }

    private func header(of rank: Int) -> UnsafeMutableRawPointer {
        segments[rank] + Self.slots * Self.slotBytes
    }

    private func publish(_ call: CollectiveCall, inSlot slot: Int) {
        let fields = (header(of: rank) + slot * Self.callBytes).assumingMemoryBound(to: Int64.self)
        for (index, value) in call.encoded.enumerated() { fields[index] = value }
    }

    private func checkCalls(inSlot slot: Int) throws {
        let calls = segments.indices.compactMap { other in
            let fields = (header(of: other) + slot * Self.callBytes).assumingMemoryBound(to: Int64.self)
            return CollectiveCall(encoded: UnsafeBufferPointer(start: fields, count: 4))
        }
        if let mismatch = CollectiveMismatch(calls, of: ranks) { throw mismatch }
    }
}
