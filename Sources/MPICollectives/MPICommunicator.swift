import CMPI
import Collectives
import Foundation

/// The ranks that mpirun, or another launcher, started: MPI_COMM_WORLD.
///
/// It is the one owner of the MPI library in a process: creating it initialises MPI, `finalize()` ends it. One thread
/// at a time is inside a collective; others wait. After an error nothing but `abort` may be called.
public final class MPICommunicator: Communicator, @unchecked Sendable {
    public let rank: Int
    public let size: Int
    public let host: String
    public let localRank: Int
    public let localSize: Int
    /// What the library allows threads to do.
    public let threadSupport: ThreadSupport
    /// True if reductions go through memory that all ranks share.
    public var usesSharedMemory: Bool { window != nil }

    /// Which threads may call the library.
    public enum ThreadSupport: String, Sendable {
        /// Only a process's main thread.
        case mainThread
        /// Any thread.
        case anyThread
    }

    private let options: MPIOptions
    private let check: MPIStatusCheck
    private let window: SharedWindow?
    private let lock = NSLock()

    /// Initialises MPI. All ranks must do so.
    /// - Throws: `MPIUnavailable` if it was initialised before; `MPIFailure`.
    public init(options: MPIOptions = MPIOptions(environment: ProcessInfo.processInfo.environment)) throws {
        precondition((1...Int(Int32.max)).contains(options.messageLimit), "a message has 1 to \(Int32.max) elements")
        var check = MPIStatusCheck(rank: 0, host: currentHostName())
        var initialised: Int32 = 0
        try check("MPI_Initialized", MPI_Initialized(&initialised))
        if initialised != 0 {
            throw MPIUnavailable(
                description: "MPI is already initialised in this process",
                hint: "create one MPICommunicator and pass it on")
        }
        var provided: Int32 = 0
        try check("MPI_Init_thread", MPI_Init_thread(nil, nil, Int32(MPI_THREAD_MULTIPLE), &provided))
        let world = CMPI_COMM_WORLD()
        // Without this the library ends the process at the first error, with a text of its own.
        try check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(world, CMPI_ERRORS_RETURN()))

        var (worldRank, worldSize): (Int32, Int32) = (0, 0)
        try check("MPI_Comm_rank", MPI_Comm_rank(world, &worldRank))
        try check("MPI_Comm_size", MPI_Comm_size(world, &worldSize))
        check = MPIStatusCheck(rank: Int(worldRank), host: mpiText { MPI_Get_processor_name($0, $1) })

        var node: MPI_Comm?
        var (nodeRank, nodeSize): (Int32, Int32) = (0, 0)
        try check(
            "MPI_Comm_split_type",
            MPI_Comm_split_type(world, Int32(MPI_COMM_TYPE_SHARED), worldRank, CMPI_INFO_NULL(), &node))
        try check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(node, CMPI_ERRORS_RETURN()))
        try check("MPI_Comm_rank", MPI_Comm_rank(node, &nodeRank))
        try check("MPI_Comm_size", MPI_Comm_size(node, &nodeSize))

        rank = Int(worldRank)
        size = Int(worldSize)
        host = check.host
        localRank = Int(nodeRank)
        localSize = Int(nodeSize)
        // Our lock serialises the threads, so the level below MULTIPLE suffices for any thread to call.
        threadSupport = provided >= Int32(MPI_THREAD_SERIALIZED) ? .anyThread : .mainThread
        self.options = options
        self.check = check
        if options.usesSharedMemory, let node, nodeSize == worldSize, worldSize > 1 {
            window = try SharedWindow(ranks: node, rank: Int(nodeRank), size: Int(nodeSize), check: check)
        } else {
            window = nil
        }
    }

    /// Ends MPI. Waits for all ranks to do so, hence only to be called when no rank has failed on its own.
    public func finalize() throws {
        try window?.free()
        try check("MPI_Finalize", MPI_Finalize())
    }

    public func allreduce<Element: CollectiveElement>(
        _ buffer: inout MutableSpan<Element>, _ operation: ReduceOperation
    ) throws {
        let call = CollectiveCall(allreduce: Element.self, count: buffer.count, operation)
        try enter(call)
        defer { lock.unlock() }
        try buffer.withUnsafeMutableBufferPointer { elements in
            if let window {
                try window.allreduce(elements, operation, call)
                return
            }
            try forEachMessage(of: elements) { start, count in
                try check(
                    "MPI_Allreduce",
                    MPI_Allreduce(
                        CMPI_IN_PLACE(), start, count, Element.collectiveKind.datatype, operation.handle,
                        CMPI_COMM_WORLD()))
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
                    MPI_Bcast(start, count, Element.collectiveKind.datatype, Int32(root), CMPI_COMM_WORLD()))
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
            MPI_Gather(&count, 1, CMPI_INT64(), &counts, 1, CMPI_INT64(), Int32(root), CMPI_COMM_WORLD()))
        // Messages instead of MPI_Gatherv, whose displacements are 32-bit numbers.
        guard rank == root else {
            var values = values
            try values.withUnsafeMutableBufferPointer { elements in
                try forEachMessage(of: elements) { start, count in
                    try check("MPI_Send", MPI_Send(start, count, type, Int32(root), 0, CMPI_COMM_WORLD()))
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
                        MPI_Recv(start, count, type, Int32(source), 0, CMPI_COMM_WORLD(), CMPI_STATUS_IGNORE()))
                }
                initialised = Int(count)
            }
        }
    }

    public func barrier() throws {
        try enter(.barrier)
        defer { lock.unlock() }
        try check("MPI_Barrier", MPI_Barrier(CMPI_COMM_WORLD()))
    }

    public func claimFailureReport() -> Bool {
        if let window { return window.setFlag() }
        // No memory to share: higher ranks give lower ones the time to report and to end the job.
        Thread.sleep(forTimeInterval: min(0.5 * Double(rank), 4))
        return true
    }

    public func abort(exitCode: Int32) -> Never {
        fflush(nil)
        MPI_Abort(CMPI_COMM_WORLD(), exitCode)
        exit(exitCode)
    }

    /// Takes the lock, and keeps it unless it throws.
    private func enter(_ call: CollectiveCall) throws {
        precondition(
            threadSupport == .anyThread || Thread.isMainThread,
            "this MPI library may be called from the main thread only; rebuild it with thread support")
        lock.lock()
        if !options.checksCalls { return }
        do {
            let mine = call.encoded
            var all = [Int64](repeating: 0, count: mine.count * size)
            try check(
                "MPI_Allgather",
                MPI_Allgather(
                    mine, Int32(mine.count), CMPI_INT64(), &all, Int32(mine.count), CMPI_INT64(), CMPI_COMM_WORLD()))
            let calls = (0..<size).compactMap { CollectiveCall(encoded: all[$0 * mine.count..<($0 + 1) * mine.count]) }
            if let mismatch = CollectiveMismatch(calls) { throw mismatch }
        } catch {
            lock.unlock()
            throw error
        }
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

extension ReduceOperation {
    var handle: MPI_Op? {
        switch self {
        case .sum: CMPI_SUM()
        case .max: CMPI_MAX()
        case .min: CMPI_MIN()
        }
    }
}
