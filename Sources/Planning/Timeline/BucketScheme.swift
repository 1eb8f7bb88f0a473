import Collectives

/// How gradients are summed: the options of `aam train` that a step's time depends on.
public struct BucketScheme: Codable, Hashable, Sendable {
    public var bucketMebibytes: Int
    public var wire: WireFormat
    public var overlap: Bool

    public init(bucketMebibytes: Int, wire: WireFormat, overlap: Bool) {
        precondition(bucketMebibytes > 0, "a bucket has at least one MiB")
        self.bucketMebibytes = bucketMebibytes
        self.wire = wire
        self.overlap = overlap
    }

    /// Bytes in the arena of each bucket.
    func buckets(of gradientBytes: Int) -> [Range<Int>] {
        let size = bucketMebibytes << 20
        return stride(from: 0, to: gradientBytes, by: size).map { $0..<min($0 + size, gradientBytes) }
    }
}
