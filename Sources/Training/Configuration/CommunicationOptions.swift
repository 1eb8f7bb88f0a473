import Collectives

/// How gradients are summed over the ranks. What training computes depends on the wire format alone.
public struct CommunicationOptions: Hashable, Sendable {
    public var wire: WireFormat
    public var bucketMebibytes: Int
    public var overlap: Bool
}

extension TrainingConfiguration {
    public var communication: CommunicationOptions {
        CommunicationOptions(wire: wire, bucketMebibytes: bucketMebibytes, overlap: overlap)
    }
}
