import Collectives

/// A step on some number of nodes, all of which do the same at the same time.
///
/// A rank computes in one thread and sums in another, one bucket after the other. Messages go through each node's link
/// in the order in which they are posted; those of an exchange arrive together, a latency after the last has left. Where
/// a rank has no processors left, the summing thread takes one from the computation while it works, and so do the
/// kernel's copies while the link is in use.
public struct StepModel: Sendable {
    private let profile: StepProfile
    private let network: Network
    private let scheme: BucketScheme

    public init(_ profile: StepProfile, _ network: Network, _ scheme: BucketScheme) {
        self.profile = profile
        self.network = network
        self.scheme = scheme
    }

    /// - Parameter images: of each rank.
    public func timeline(nodes: Int, images: Int) -> StepTimeline { simulation(nodes: nodes, images: images).timeline }

    func simulation(nodes: Int, images: Int) -> StepSimulation {
        precondition(nodes > 0 && images > 0, "a step of \(nodes) nodes on \(images) images")
        let computation = profile.computation(images: images)
        let buckets = scheme.buckets(of: profile.gradientBytes)
        var program = emptyProgram(nodes)
        for (index, range) in buckets.enumerated() {
            program.reduce(
                bucket: index, bytes: range.count, wire: scheme.wire,
                optimizerSeconds: profile.optimizer * Double(range.count) / Double(profile.gradientBytes))
        }
        // A rank that is alone has no thread for it.
        let overlaps = scheme.overlap && nodes * profile.ranksPerNode > 1
        return StepSimulation(
            start: profile.dataWait, computation: computation, buckets: buckets, overlaps: overlaps,
            sharing: sharing, network: network, nodes: nodes, program: program.operations, ending: ending(nodes))
    }

    /// The sum of the losses, which ends a step.
    private func ending(_ nodes: Int) -> [ReductionProgram.Operation] {
        var program = emptyProgram(nodes)
        program.sum(elements: 1, of: MemoryLayout<Double>.stride)
        return program.operations
    }

    private func emptyProgram(_ nodes: Int) -> ReductionProgram {
        ReductionProgram(
            nodes: nodes, ranksPerNode: profile.ranksPerNode, costs: profile.sums,
            messageOverhead: network.messageOverhead)
    }

    private var sharing: StepSimulation.Sharing {
        if profile.hasSpareProcessors { return StepSimulation.Sharing(whileSumming: 1, whileSending: 1) }
        // The summing thread sleeps much: when it wakes it gets one of the processors at once.
        let part = 1 / Double(profile.threads)
        return StepSimulation.Sharing(whileSumming: 1 - part, whileSending: 1 - part * network.processorShare)
    }
}
