/// A node between its computation and its link, at some moment of a step.
struct SimulatedNode {
    let network: Network
    let nodes: Int
    let sharing: StepSimulation.Sharing
    private(set) var now: Double
    private(set) var computing: ComputingThread
    /// When the link will have sent all that was posted.
    private var linkFree = 0.0
    private(set) var linkSeconds = 0.0
    /// When what was posted in a lane arrives.
    private var arrivals: [Int: Double] = [:]

    init(
        network: Network, nodes: Int, sharing: StepSimulation.Sharing, now: Double, computing: ComputingThread
    ) {
        self.network = network
        self.nodes = nodes
        self.sharing = sharing
        self.now = now
        self.computing = computing
    }

    mutating func run(_ operation: ReductionProgram.Operation) {
        switch operation {
        case .work(let seconds): pass(to: now + seconds, summing: true)
        case .pause(let seconds): pass(to: now + seconds, summing: false)
        case .exchange(let exchange):
            let seconds = Double(exchange.sliceBytes(nodes: nodes) * (nodes - 1)) / network.bytesPerSecond
            linkFree = max(now, linkFree) + seconds
            linkSeconds += seconds
            arrivals[exchange.lane] = linkFree + network.latency
        case .wait(let lane): pass(to: max(now, arrivals[lane] ?? now), summing: false)
        case .await, .summed, .moved: break
        }
    }

    /// Lets the computation go on until a mark, if it is not there yet.
    mutating func compute(until mark: Int) {
        while !computing.hasReached(mark) {
            let rate = now < linkFree ? sharing.whileSending : 1
            let end = rate > 0 ? now + computing.workLeft(until: mark) / rate : .infinity
            if now < linkFree, end > linkFree {
                pass(to: linkFree, summing: false)
            } else {
                pass(to: end, summing: false)
                computing.reach(mark, at: end)
            }
        }
    }

    private mutating func pass(to end: Double, summing: Bool) {
        let rate = summing ? sharing.whileSumming : 1
        let sent = min(max(linkFree, now), end)
        computing.work(from: now, to: sent, rate: rate * sharing.whileSending)
        computing.work(from: sent, to: end, rate: rate)
        now = end
    }
}
