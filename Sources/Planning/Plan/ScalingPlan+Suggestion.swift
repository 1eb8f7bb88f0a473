import Collectives

extension ScalingPlan {
    /// Buckets, and what is sent, with which a step on so many nodes is shortest.
    public struct Suggestion: Codable, Hashable, Sendable {
        public let nodes: Int
        public let scheme: BucketScheme
        public let stepSeconds: Double
    }

    /// The best bucket sizes, powers of two, for each wire format.
    /// - Parameter images: of each rank.
    public static func best(
        _ profile: StepProfile, _ network: Network, nodes: Int, images: Int
    ) -> [Suggestion] {
        let largest = max(1, (profile.gradientBytes + (1 << 20) - 1) >> 20)
        let sizes = (0..<20).map { 1 << $0 }.prefix { $0 < 2 * largest }
        return WireFormat.allCases.compactMap { wire in
            sizes.map { size in
                let scheme = BucketScheme(bucketMebibytes: size, wire: wire, overlap: true)
                let step = StepModel(profile, network, scheme).timeline(nodes: nodes, images: images).end
                return Suggestion(nodes: nodes, scheme: scheme, stepSeconds: step)
            }.min { $0.stepSeconds < $1.stepSeconds }
        }
    }
}
