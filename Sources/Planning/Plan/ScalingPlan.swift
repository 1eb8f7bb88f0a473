/// What training costs on several numbers of nodes.
public struct ScalingPlan: Codable, Hashable, Sendable {
    /// How many images a step has.
    public enum Batch: Hashable, Sendable {
        /// Weak scaling; nil for as many as were profiled.
        case perRank(Int?)
        /// Strong scaling.
        case global(Int)
    }

    /// A number of nodes.
    public struct Row: Codable, Hashable, Sendable {
        public let nodes: Int
        public let ranks: Int
        /// Images a step over all ranks.
        public let batchSize: Int
        public let stepSeconds: Double
        public let imagesPerSecond: Double
        /// Images a second of a node, beside those of a single node.
        public let efficiency: Double
        /// What the step would be shorter by if sums took no time.
        public let exposedSeconds: Double
        /// nil where the training images are unknown, or fewer than a step's.
        public let stepsPerEpoch: Int?
        public var epochSeconds: Double? { stepsPerEpoch.map { Double($0) * stepSeconds } }
    }

    public let profile: StepProfile
    public let network: Network
    public let scheme: BucketScheme
    /// Training images of an epoch.
    public let images: Int?
    public let rows: [Row]
    /// Nodes that have more ranks than a step has images.
    public let impossible: [Int]

    /// - Parameter nodes: ascending.
    public init(
        _ profile: StepProfile, _ network: Network, _ scheme: BucketScheme, nodes: [Int], batch: Batch, images: Int?
    ) {
        (self.profile, self.network, self.scheme, self.images) = (profile, network, scheme, images)
        let model = StepModel(profile, network, scheme)
        func batches(_ nodes: Int) -> (batchSize: Int, largest: Int) {
            Self.batch(batch, ranks: nodes * profile.ranksPerNode, profile)
        }
        func measure(_ nodes: Int) -> (stepSeconds: Double, imagesPerSecond: Double) {
            let (batchSize, largest) = batches(nodes)
            let step = model.timeline(nodes: nodes, images: largest).end
            return (step, Double(batchSize) / step)
        }
        let ofOne = measure(1).imagesPerSecond
        impossible = nodes.filter { batches($0).batchSize < $0 * profile.ranksPerNode }
        rows = nodes.filter { [impossible] in !impossible.contains($0) }.map { nodes in
            let (batchSize, largest) = batches(nodes)
            let (step, rate) = measure(nodes)
            let alone = profile.dataWait + profile.computation(images: largest).seconds + profile.optimizer
            return Row(
                nodes: nodes, ranks: nodes * profile.ranksPerNode, batchSize: batchSize, stepSeconds: step,
                imagesPerSecond: rate, efficiency: rate / (Double(nodes) * ofOne),
                exposedSeconds: max(0, step - alone),
                stepsPerEpoch: images.flatMap { $0 >= batchSize ? $0 / batchSize : nil })
        }
    }

    /// Images of a step, and those of the rank that has most.
    static func batch(_ batch: Batch, ranks: Int, _ profile: StepProfile) -> (batchSize: Int, largest: Int) {
        switch batch {
        case .perRank(let images):
            let images = images ?? profile.profiledImages
            return (images * ranks, images)
        case .global(let size): return (size, (size + ranks - 1) / ranks)
        }
    }
}

extension StepProfile {
    /// Of a rank, the largest batch that was measured.
    public var profiledImages: Int { computations.reduce(0) { max($0, $1.images) } }
}
