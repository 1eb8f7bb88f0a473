import Collectives
import Foundation
import MPICollectives

enum SelfTest: String, CaseIterable {
    case operations, order, agreement, divergence, mismatch, benchmark
    case fail, kill, trap
    case compressedOrder = "compressed-order"
    case broadcastMismatch = "broadcast-mismatch"
    case concurrency, split
    case failTogether = "fail-together"

    /// - Parameter number: The rank that fails, or the number of elements.
    func run(on communicator: any Communicator, number: Int?) throws {
        switch self {
        case .operations: try checkOperations(of: communicator)
        case .order: try checkOrder(of: communicator, count: number ?? 100_003)
        case .compressedOrder: try checkOrder(of: communicator, count: number ?? 100_003, wire: .bfloat16)
        case .concurrency: try checkConcurrency(of: communicator)
        case .split: try checkSplit(of: communicator)
        case .benchmark: try timeAllreduce(of: communicator, count: number ?? 47_000_000 / 4)
        case .agreement:
            try communicator.agreeing("reading the labels") {
                if communicator.rank >= number ?? 0 {
                    throw JobFailure("labels.txt: no such file", hint: "copy it to \(communicator.rank)", exitCode: 3)
                }
            }
        case .divergence:
            try communicator.verifyEqual("the weights", checksum: communicator.rank == number ? 0xbad : 0x600d)
        case .mismatch:
            var values = [Float](repeating: 1, count: communicator.rank == number ? 7 : 8)
            try communicator.allreduce(&values, .sum)
        case .broadcastMismatch:
            var values = [Float](repeating: 1, count: communicator.rank == number ? 7 : 8)
            try communicator.broadcast(&values, from: 0)
        case .fail, .failTogether, .kill, .trap:
            try communicator.barrier()
            if communicator.rank == number || self == .failTogether {
                switch self {
                case .kill: raise(SIGKILL)
                case .trap: preconditionFailure("a trap on purpose")
                default: throw JobFailure("disk full", place: "writing step 12", hint: "make room", exitCode: 5)
                }
            }
            // The others wait for the failed rank, at first in a reduction and then in a barrier.
            var values = [Float](repeating: 1, count: 1 << 20)
            try communicator.allreduce(&values, .sum)
            try communicator.barrier()
        }
        if communicator.rank == 0 { print("\(rawValue) passed on \(communicator.size) ranks") }
    }
}

/// Throws unless a condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw JobFailure(message()) }
}
