/// Runs a node's program beside its computation.
struct StepSimulation {
    /// How fast the computation goes on beside communication, 1 at best.
    struct Sharing {
        /// While the summing thread works.
        let whileSumming: Double
        /// While the link is in use.
        let whileSending: Double
    }

    private(set) var timeline: StepTimeline
    /// As it was run.
    let program: [ReductionProgram.Operation]
    let ending: [ReductionProgram.Operation]

    init(
        start: Double, computation: StepProfile.Computation, buckets: [Range<Int>], overlaps: Bool, sharing: Sharing,
        network: Network, nodes: Int, program: [ReductionProgram.Operation], ending: [ReductionProgram.Operation]
    ) {
        // Marks: the forward's end, each bucket's gradients, the backward's end.
        let ready = buckets.map { bucket in
            computation.backward.first { $0.bytes >= bucket.upperBound }?.seconds ?? computation.seconds
        }
        let marks = [computation.forward] + ready.map { computation.forward + $0 } + [computation.seconds]
        var node = SimulatedNode(
            network: network, nodes: nodes, sharing: sharing, now: start, computing: ComputingThread(marks: marks))
        var events = buckets.map {
            StepTimeline.Bucket(bytes: $0.count, ready: 0, start: 0, summed: 0, moved: 0)
        }
        if !overlaps { node.compute(until: marks.count - 1) }
        for operation in program {
            switch operation {
            case .await(let bucket):
                node.compute(until: 1 + bucket)
                events[bucket].start = node.now
            case .summed(let bucket): events[bucket].summed = node.now
            case .moved(let bucket): events[bucket].moved = node.now
            default: node.run(operation)
            }
        }
        node.compute(until: marks.count - 1)
        for operation in ending { node.run(operation) }
        for index in events.indices { events[index].ready = node.computing.reached[1 + index] }
        timeline = StepTimeline(
            loaded: start, forwardEnd: node.computing.reached[0],
            backwardEnd: node.computing.reached[marks.count - 1], buckets: events, end: node.now,
            linkSeconds: node.linkSeconds)
        self.program = program
        self.ending = ending
    }
}
