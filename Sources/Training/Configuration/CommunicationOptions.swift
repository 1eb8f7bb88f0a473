import Collectives

/// How gradients are summed over the ranks. What training computes depends on the wire format alone.
public struct CommunicationOptions: Hashable, Sendable {
    /// What travels between hosts.
    public var wire: WireFormat
    /// Gradients that are summed at a time, in MiB.
    public var bucketMebibytes: Int
    /// Whether gradients are summed while the backward goes on.
    public var overlap: Bool

    /// The given options.
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
