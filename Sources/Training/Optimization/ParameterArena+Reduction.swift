import Collectives
import Models

extension ParameterArena {
    /// Replaces a range of the gradients by their sum over the ranks.
    /// - Throws: failures of communication.
    public func sumGradients(in range: Range<Int>, over communicator: any Communicator, wire: WireFormat) throws {
        try gradients.withUnsafeMutableBufferPointer { buffer in
            var span = UnsafeMutableBufferPointer(rebasing: buffer[range]).mutableSpan
            try communicator.sum(&span, wire: wire)
        }
    }
}
