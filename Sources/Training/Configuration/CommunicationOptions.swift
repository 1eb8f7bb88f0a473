import Collectives

/// How gradients are summed over the ranks. What training computes depends on the wire format alone.
public struct CommunicationOptions: Hashable, Sendable {
    public var wire: WireFormat
    public var bucketMebibytes: Int
    public var overlap: Bool

    public init(wire: WireFormat, bucketMebibytes: Int, overlap: Bool) {
        self.wire = wire
        self.bucketMebibytes = bucketMebibytes
        self.overlap = overlap
    }

    /// What `aam train` does unless it is told otherwise.
    public static let standard = TrainingConfiguration(data: "", output: "").communication
}

extension TrainingConfiguration {
    /// Those of this configuration.
    public var communication: CommunicationOptions {
        CommunicationOptions(wire: wire, bucketMebibytes: bucketMebibytes, overlap: overlap)
    }
}
