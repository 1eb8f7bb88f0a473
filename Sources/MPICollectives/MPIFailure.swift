import CMPI
import Collectives

/// A call of the MPI library that returned an error.
public struct MPIFailure: CommunicationFailure, ExplainedError, Equatable {
    /// The function that failed, e.g. "MPI_Allreduce".
    public let operation: String
    /// The rank that made the call.
    public let rank: Int
    /// That rank's host.
    public let host: String
    /// The library's own text, from MPI_Error_string.
    public let message: String

    public var description: String { "\(operation) failed on rank \(rank) (\(host)): \(message)" }
    public var hint: String? { "if other ranks report an error too, theirs is likely the cause" }
    public var exitCode: Int32 { RetryableExit.communication }
}

/// MPI cannot be used in this process.
public struct MPIUnavailable: ExplainedError, Equatable {
    public let description: String
    public let hint: String?
}

/// Turns return codes into errors that name the rank and host.
struct MPIStatusCheck: Sendable {
    var rank: Int
    var host: String

    func callAsFunction(_ operation: String, _ code: Int32) throws {
        if code == MPI_SUCCESS { return }
        let message = mpiText { MPI_Error_string(code, $0, $1) }
        throw MPIFailure(operation: operation, rank: rank, host: host, message: message)
    }
}

/// The text that an MPI function writes into a buffer of the library's largest text size.
func mpiText(_ fill: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32) -> String {
    let longest = Int(max(MPI_MAX_ERROR_STRING, MPI_MAX_PROCESSOR_NAME, MPI_MAX_LIBRARY_VERSION_STRING))
    var text = [CChar](repeating: 0, count: longest + 1)
    var length: Int32 = 0
    if fill(&text, &length) != MPI_SUCCESS { return "unknown" }
    // Some of the library's lengths count the zero at the end.
    return String(decoding: text.prefix(Int(length)).prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
