import Collectives

/// What a node's leader does to sum gradients over the nodes, in this order; all leaders do the same at once.
///
/// It follows `HierarchicalReduction` and `LeaderExchange` piece by piece.
struct ReductionProgram {
    enum Operation: Equatable {
        /// Waits until a bucket's gradients are final.
        case await(bucket: Int)
        /// Keeps the processor for so many seconds.
        case work(Double)
        /// Posts the messages of a piece.
        case exchange(Exchange)
        /// Waits until the messages posted last in a lane have arrived.
        case wait(lane: Int)
        /// Leaves the processor for so many seconds.
        case pause(Double)
        /// A bucket is summed; its parameters have yet to move.
        case summed(bucket: Int)
        case moved(bucket: Int)
    }

    /// Messages between every two leaders, of which each owns a slice of a piece.
    struct Exchange: Equatable {
        enum Direction: String {
            /// Each gets its slice from all others.
            case terms
            /// Each sends its slice to all others.
            case sums
        }

        let direction: Direction
        let lane: Int
        let elements: Int
        /// Bytes of an element on the wire.
        let width: Int

        /// Bytes of the largest slice.
        func sliceBytes(nodes: Int) -> Int { (elements + nodes - 1) / nodes * width }
    }

    /// Between two looks for messages the thread sleeps 20 µs, which the kernel makes 70; half of them are lost.
    static let lookSeconds = 35e-6
    private static let lanes = 3
    private static let floatBytes = MemoryLayout<Float>.stride

    let nodes: Int
    let ranksPerNode: Int
    let costs: StepProfile.SumCosts
    let messageOverhead: Double
    private(set) var operations: [Operation] = []

    init(nodes: Int, ranksPerNode: Int, costs: StepProfile.SumCosts, messageOverhead: Double) {
        self.nodes = nodes
        self.ranksPerNode = ranksPerNode
        self.costs = costs
        self.messageOverhead = messageOverhead
    }

    /// Sums and moves a bucket once it is full.
    mutating func reduce(bucket: Int, bytes: Int, wire: WireFormat, optimizerSeconds: Double) {
        operations.append(.await(bucket: bucket))
        sum(elements: bytes / Self.floatBytes, of: Self.floatBytes, compressed: wire == .bfloat16)
        operations.append(.summed(bucket: bucket))
        work(optimizerSeconds)
        operations.append(.moved(bucket: bucket))
    }

    /// Sums elements of so many bytes over all ranks.
    mutating func sum(elements: Int, of bytes: Int, compressed: Bool = false) {
        guard nodes > 1 else {
            sumInNode(bytes: elements * bytes)
            return
        }
        let capacity = ReductionPieces.bytes(nodes: nodes) / bytes
        let count = max(1, (elements + capacity - 1) / capacity)
        func piece(_ k: Int) -> Int? {
            (0..<count).contains(k) ? min((k + 1) * capacity, elements) - k * capacity : nil
        }
        func exchange(_ direction: Exchange.Direction, _ k: Int, _ elements: Int) -> Exchange {
            Exchange(
                direction: direction, lane: k % Self.lanes, elements: elements, width: compressed ? bytes / 2 : bytes)
        }
        for step in 0..<count + 2 {
            if let elements = piece(step) {
                sumInNode(bytes: elements * bytes)
                if compressed { work(costs.encode * Double(elements * bytes)) }
                post(exchange(.terms, step, elements))
            }
            if let elements = piece(step - 1) {
                wait(step - 1)
                let size = Double(elements * bytes)
                // The terms of all nodes for one slice are as much as one node's piece.
                work(compressed ? costs.addEncoded * size + costs.encode * size / Double(nodes) : costs.add * size)
                post(exchange(.sums, step - 1, elements))
            }
            if let elements = piece(step - 2) {
                wait(step - 2)
                if compressed { work(costs.decode * Double(elements * bytes)) }
                // The leader's copy, and the others' while it makes the next: half of what they do in a sum.
                if ranksPerNode > 1 { work(costs.nodeByte * Double(elements * bytes) / 2) }
            }
        }
    }

    private mutating func sumInNode(bytes: Int) {
        if ranksPerNode > 1 { work(costs.nodeCall + costs.nodeByte * Double(bytes)) }
    }

    private mutating func post(_ exchange: Exchange) {
        // Received and sent by the leader that has most of them: few elements leave some slices empty.
        let slices = nodes - 1 + min(nodes - 1, exchange.elements)
        let messages = ReductionPieces.messages(bytes: exchange.sliceBytes(nodes: nodes)).count
        work(messageOverhead * Double(slices * messages))
        operations.append(.exchange(exchange))
    }

    private mutating func wait(_ piece: Int) {
        operations += [.wait(lane: piece % Self.lanes), .pause(Self.lookSeconds)]
    }

    private mutating func work(_ seconds: Double) {
        if seconds > 0 { operations.append(.work(seconds)) }
    }
}
