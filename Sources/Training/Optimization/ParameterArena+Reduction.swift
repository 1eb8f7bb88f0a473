import Collectives
import Models

extension ParameterArena {
    /// Replaces the gradients by their sum over the ranks.
    /// - Throws: failures of communication.
    public func sumGradients(over communicator: any Communicator) throws {
        guard communicator.size > 1 else { return }
        try gradients.withUnsafeMutableBufferPointer { buffer in
            var span = buffer.mutableSpan
            try communicator.allreduce(&span, .sum)
        }
    }
}
