import Foundation

/// How an `MPICommunicator` works.
public struct MPIOptions: Sendable {
    /// Reduce through shared memory where all ranks are on one host.
    public var usesSharedMemory = true
    /// Compare the operation, type, count and root of every collective between the ranks before it starts. Costs one
    /// small message a collective; without it a mismatch may hang or fail in the library's words.
    public var checksCalls = false
    /// Elements in one MPI message; larger buffers are sent in pieces. At most Int32.max.
    public var messageLimit = 1 << 30

    public init() {}

    /// `AAM_SHARED_MEMORY=0` turns shared memory off; `AAM_CHECK_COLLECTIVES=1` turns the comparison of calls on, which
    /// debug builds have on unless it is 0.
    public init(environment: [String: String]) {
        usesSharedMemory = environment["AAM_SHARED_MEMORY"] != "0"
        #if DEBUG
            checksCalls = environment["AAM_CHECK_COLLECTIVES"] != "0"
        #else
            checksCalls = environment["AAM_CHECK_COLLECTIVES"] == "1"
        #endif
    }
}
