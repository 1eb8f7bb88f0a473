import Foundation

/// How an `MPICommunicator` works.
public struct MPIOptions: Sendable {
    /// Reduce through shared memory between the ranks of a host. Otherwise each rank is a node of its own.
    public var usesSharedMemory = true
    /// Take so many consecutive ranks of a host for a node, as if they were alone on it: to try or measure on one host
    /// what happens between hosts. nil for all of them.
    public var ranksPerNode: Int?
    /// Compare the operation, type, count and root of every collective between the ranks before it starts. Costs one
    /// small message a collective; without it a mismatch may hang or fail in the library's words.
    public var checksCalls = false
    /// Elements in one MPI message; larger buffers are sent in pieces. At most Int32.max.
    public var messageLimit = 1 << 30

    /// The defaults: shared memory, whole hosts as nodes, no comparison of calls.
    public init() {}

    /// `AAM_SHARED_MEMORY=0` turns shared memory off; `AAM_RANKS_PER_NODE=k` makes k ranks a node;
    /// `AAM_CHECK_COLLECTIVES=1` turns the comparison of calls on, which
    /// debug builds have on unless it is 0.
    public init(environment: [String: String]) {
        usesSharedMemory = environment["AAM_SHARED_MEMORY"] != "0"
        ranksPerNode = environment["AAM_RANKS_PER_NODE"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        #if DEBUG
            checksCalls = environment["AAM_CHECK_COLLECTIVES"] != "0"
        #else
            checksCalls = environment["AAM_CHECK_COLLECTIVES"] == "1"
        #endif
    }
}
