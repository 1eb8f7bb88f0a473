import CMPI
import Collectives
import Foundation

/// The ranks that mpirun, or another launcher, started: MPI_COMM_WORLD, or a duplicate or a part of it.
///
/// The first one owns the MPI library in a process: creating it initialises MPI, `finalize()` ends it, and with it the
/// duplicates. One thread at a time is inside a collective of one communicator; others wait. After an error nothing but
/// `abort` may be called.
public final class MPICommunicator: Communicator, @unchecked Sendable {
    public let rank: Int
    public let size: Int
    public let host: String
    public let localRank: Int
    public let localSize: Int
    /// What the library allows threads to do.
    public let threadSupport: ThreadSupport
    /// The ranks of each node, in the order of summation.
    public var nodes: [[Int]] { reduction.nodes.nodes }

    /// Which threads may call the library.
    public enum ThreadSupport: String, Sendable {
        /// Only a process's main thread.
        case mainThread
        /// Any thread, but one at a time.
        case oneThreadAtATime
        /// Any number of threads.
        case anyThread

        init(_ provided: Int32) {
            self =
                switch provided {
                case Int32(MPI_THREAD_MULTIPLE): .anyThread
                case Int32(MPI_THREAD_SERIALIZED): .oneThreadAtATime
                default: .mainThread
                }
        }
    }

    let handle: MPI_Comm
    let options: MPIOptions
    let check: MPIStatusCheck
    let reduction: HierarchicalReduction
    /// What this is a duplicate or a part of.
    private let original: MPICommunicator?
    private var duplicates: [MPICommunicator] = []
    /// Of this communicator alone: a thread that waits in a duplicate must not stop one in here.
    let lock = NSLock()

    /// Initialises MPI. All ranks must do so.
    /// - Throws: `MPIUnavailable` if it was initialised before; `MPIFailure`.
    public convenience init(
        options: MPIOptions = MPIOptions(environment: ProcessInfo.processInfo.environment)
    ) throws {
        precondition((1...Int(Int32.max)).contains(options.messageLimit), "a message has 1 to \(Int32.max) elements")
        let check = MPIStatusCheck(rank: 0, host: currentHostName())
        var initialised: Int32 = 0
        try check("MPI_Initialized", MPI_Initialized(&initialised))
        if initialised != 0 {
            throw MPIUnavailable(
                description: "MPI is already initialised in this process",
                hint: "create one MPICommunicator and pass it on")
        }
        var provided: Int32 = 0
        try check("MPI_Init_thread", MPI_Init_thread(nil, nil, Int32(MPI_THREAD_MULTIPLE), &provided))
        try self.init(CMPI_COMM_WORLD(), of: nil, ThreadSupport(provided), options, check)
    }

    private init(
        _ handle: MPI_Comm, of original: MPICommunicator?, _ threads: ThreadSupport, _ options: MPIOptions,
        _ provisional: MPIStatusCheck
    ) throws {
        var check = provisional
        // Without this the library ends the process at the first error, with a text of its own.
        try check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(handle, CMPI_ERRORS_RETURN()))
        var (rank, size): (Int32, Int32) = (0, 0)
        try check("MPI_Comm_rank", MPI_Comm_rank(handle, &rank))
        try check("MPI_Comm_size", MPI_Comm_size(handle, &size))
        check = MPIStatusCheck(rank: Int(rank), host: mpiText { MPI_Get_processor_name($0, $1) })

        var ofHost: MPI_Comm?
        var (hostRank, hostSize): (Int32, Int32) = (0, 0)
        try check(
            "MPI_Comm_split_type",
            MPI_Comm_split_type(handle, Int32(MPI_COMM_TYPE_SHARED), rank, CMPI_INFO_NULL(), &ofHost))
        guard let ofHost else { preconditionFailure("MPI_Comm_split_type gave no communicator") }
        try check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(ofHost, CMPI_ERRORS_RETURN()))
        try check("MPI_Comm_rank", MPI_Comm_rank(ofHost, &hostRank))
        try check("MPI_Comm_size", MPI_Comm_size(ofHost, &hostSize))

        self.rank = Int(rank)
        self.size = Int(size)
        host = check.host
        localRank = Int(hostRank)
        localSize = Int(hostSize)
        threadSupport = threads
        self.handle = handle
        self.options = options
        self.check = check
        self.original = original
        let nodes = try NodeMap(
            host: ofHost, world: handle, rank: Int(rank), size: Int(size), options: options, check: check)
        reduction = try HierarchicalReduction(
            nodes, communicator: handle, messageLimit: options.messageLimit, check: check)
    }

    public func duplicate() throws -> any Communicator {
        try enter(.barrier)
        defer { lock.unlock() }
        var copy: MPI_Comm?
        try check("MPI_Comm_dup", MPI_Comm_dup(handle, &copy))
        guard let copy else { preconditionFailure("MPI_Comm_dup gave no communicator") }
        let duplicate = try MPICommunicator(copy, of: self, threadSupport, options, check)
        duplicates.append(duplicate)
        return duplicate
    }

    public func split(color: Int) throws -> any Communicator {
        try enter(.barrier)
        defer { lock.unlock() }
        var ofPart: MPI_Comm?
        try check("MPI_Comm_split", MPI_Comm_split(handle, Int32(color), Int32(rank), &ofPart))
        guard let ofPart else { preconditionFailure("MPI_Comm_split gave no communicator") }
        let part = try MPICommunicator(ofPart, of: self, threadSupport, options, check)
        duplicates.append(part)
        return part
    }

    /// The library's own name and version, as in `Open MPI v4.1.4, package: …`. Needs no initialised library.
    public static var libraryVersion: String { mpiText { MPI_Get_library_version($0, $1) } }

    public var allowsConcurrentDuplicates: Bool { threadSupport == .anyThread }

    /// Ends MPI. Waits for all ranks to do so, hence only to be called when no rank has failed on its own.
    public func finalize() throws {
        precondition(original == nil, "a duplicate ends with its original")
        try freeWindows()
        try check("MPI_Finalize", MPI_Finalize())
    }

    private func freeWindows() throws {
        for duplicate in duplicates { try duplicate.freeWindows() }
        try reduction.window?.free()
    }

    public func claimFailureReport() -> Bool {
        if let original { return original.claimFailureReport() }
        if let window = reduction.window, !window.setFlag() { return false }
        // Between nodes there is no memory to share: later ones give earlier ones the time to report and to end the job.
        Thread.sleep(forTimeInterval: min(2 * Double(reduction.nodes.index), 8))
        return true
    }

    public func abort(exitCode: Int32) -> Never {
        fflush(nil)
        MPI_Abort(CMPI_COMM_WORLD(), exitCode)
        exit(exitCode)
    }

    /// Takes the lock, and keeps it unless it throws.
    func enter(_ call: CollectiveCall) throws {
        precondition(
            threadSupport != .mainThread || Thread.isMainThread,
            "this MPI library may be called from the main thread only; rebuild it with thread support")
        lock.lock()
        if !options.checksCalls { return }
        do {
            let mine = call.encoded
            var all = [Int64](repeating: 0, count: mine.count * size)
            try check(
                "MPI_Allgather",
                MPI_Allgather(
                    mine, Int32(mine.count), CMPI_INT64(), &all, Int32(mine.count), CMPI_INT64(), handle))
            let calls = (0..<size).compactMap { CollectiveCall(encoded: all[$0 * mine.count..<($0 + 1) * mine.count]) }
            if let mismatch = CollectiveMismatch(calls) { throw mismatch }
        } catch {
            lock.unlock()
            throw error
        }
    }
}
