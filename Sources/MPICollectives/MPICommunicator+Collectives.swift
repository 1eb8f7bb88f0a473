import CMPI
import Collectives

extension MPICommunicator {
    public func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) throws {
        let call = CollectiveCall(allreduce: Element.self, count: buffer.count, operation)
        try enter(call)
        defer { lock.unlock() }
        try buffer.withUnsafeMutableBufferPointer { try reduction.allreduce($0, operation, call) }
    }

    public func sum(_ buffer: inout MutableSpan<Float>, wire: WireFormat) throws {
        guard wire == .bfloat16 else {
            try allreduce(&buffer, .sum)
            return
        }
        let call = CollectiveCall(sumOfFloats: buffer.count, wire: wire)
        try enter(call)
        defer { lock.unlock() }
        try buffer.withUnsafeMutableBufferPointer { try reduction.compressedSum($0, call) }
    }

    /// The library's own MPI_Allreduce, for comparison: its order of additions may depend on the count.
    /// - Throws: `MPIFailure`.
    public func libraryAllreduce(_ buffer: inout MutableSpan<Float>) throws {
        try enter(CollectiveCall(sumOfFloats: buffer.count, wire: .float32))
        defer { lock.unlock() }
        try buffer.withUnsafeMutableBufferPointer { elements in
            try forEachMessage(of: elements) { start, count in
                try check(
                    "MPI_Allreduce",
                    MPI_Allreduce(CMPI_IN_PLACE(), start, count, CMPI_FLOAT(), CMPI_SUM(), handle))
            }
        }
    }

    public func broadcast<Element: CollectiveElement>(_ buffer: inout MutableSpan<Element>, from root: Int) throws {
        checkRoot(root)
        try enter(CollectiveCall(broadcast: Element.self, count: buffer.count, root: root))
        defer { lock.unlock() }
        try buffer.withUnsafeMutableBufferPointer { elements in
            try forEachMessage(of: elements) { start, count in
                try check(
                    "MPI_Bcast",
                    MPI_Bcast(start, count, Element.collectiveKind.datatype, Int32(root), handle))
            }
        }
    }

    public func gather<Element: CollectiveElement>(_ values: [Element], to root: Int) throws -> [[Element]] {
        checkRoot(root)
        try enter(CollectiveCall(gather: Element.self, root: root))
        defer { lock.unlock() }
        var count = Int64(values.count)
        var counts = [Int64](repeating: 0, count: rank == root ? size : 0)
        let type = Element.collectiveKind.datatype
        try check(
            "MPI_Gather",
            MPI_Gather(&count, 1, CMPI_INT64(), &counts, 1, CMPI_INT64(), Int32(root), handle))
        // Messages instead of MPI_Gatherv, whose displacements are 32-bit numbers.
        guard rank == root else {
            var values = values
            try values.withUnsafeMutableBufferPointer { elements in
                try forEachMessage(of: elements) { start, count in
                    try check("MPI_Send", MPI_Send(start, count, type, Int32(root), 0, handle))
                }
            }
            return []
        }
        return try counts.enumerated().map { source, count in
            if source == rank { return values }
            return try [Element](unsafeUninitializedCapacity: Int(count)) { elements, initialised in
                try forEachMessage(of: UnsafeMutableBufferPointer(rebasing: elements[..<Int(count)])) { start, count in
                    try check(
                        "MPI_Recv",
                        MPI_Recv(start, count, type, Int32(source), 0, handle, CMPI_STATUS_IGNORE()))
                }
                initialised = Int(count)
            }
        }
    }

    public func barrier() throws {
        try enter(.barrier)
        defer { lock.unlock() }
        try check("MPI_Barrier", MPI_Barrier(handle))
    }

    private func checkRoot(_ root: Int) {
        precondition(root >= 0 && root < size, "there is no rank \(root) in a job of \(size)")
    }

    /// Cuts a buffer into pieces whose counts a message can carry.
    private func forEachMessage<Element>(
        of elements: UnsafeMutableBufferPointer<Element>,
        _ body: (UnsafeMutablePointer<Element>, Int32) throws -> Void
    ) throws {
        guard let base = elements.baseAddress else { return }
        for start in stride(from: 0, to: elements.count, by: options.messageLimit) {
            try body(base + start, Int32(min(options.messageLimit, elements.count - start)))
        }
    }
}

extension CollectiveElementKind {
    var datatype: MPI_Datatype? {
        switch self {
        case .float: CMPI_FLOAT()
        case .double: CMPI_DOUBLE()
        case .int32: CMPI_INT32()
        case .int64: CMPI_INT64()
        case .uint8: CMPI_UINT8()
        }
    }
}
