import CMPI
import Collectives

/// The reduction over all ranks: each node's ranks through the window they share, the nodes through messages between
/// their leaders, and the result back through the windows.
///
/// Where there are several nodes, a buffer goes through in pieces, so that the messages of some are under way while a
/// node works on others.
final class HierarchicalReduction {
    let nodes: NodeMap
    /// nil where this rank has a node to itself.
    let window: SharedWindow?
    /// nil on ranks that are not leaders, and where there is one node.
    private let exchange: LeaderExchange?
    private let pieceBytes: Int
    private let messageLimit: Int

    /// All ranks must call this.
    /// - Parameter communicator: All ranks.
    init(_ nodes: NodeMap, communicator: MPI_Comm, messageLimit: Int, check: MPIStatusCheck) throws {
        self.nodes = nodes
        self.messageLimit = messageLimit
        pieceBytes = ReductionPieces.bytes(nodes: nodes.nodes.count)
        let ranks = nodes.nodes[nodes.index]
        window =
            ranks.count > 1
            ? try SharedWindow(node: nodes.communicator, rank: nodes.place, ranks: ranks, check: check) : nil
        exchange =
            nodes.nodes.count > 1 && nodes.place == 0
            ? LeaderExchange(
                leaders: nodes.leaders, node: nodes.index, pieceBytes: pieceBytes, communicator: communicator,
                check: check) : nil
    }

    /// Replaces each element with the sum, maximum or minimum over the ranks.
    /// - Throws: `CollectiveMismatch` if the ranks' calls of this function differ; `MPIFailure`.
    func allreduce<Element: CollectiveElement>(
        _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReduceOperation, _ call: CollectiveCall
    ) throws {
        guard nodes.nodes.count > 1 else {
            try window?.allreduce(buffer, operation, call)
            return
        }
        try pipeline(buffer, operation, call) { exchange, stage, piece, number in
            switch stage {
            case .start: try exchange.start(piece, number)
            case .reduce: try exchange.reduce(piece, number, operation)
            case .finish: try exchange.finish(number)
            }
        }
    }

    /// Replaces each element with the sum over the ranks, where messages between nodes have bfloat16.
    /// - Throws: as `allreduce`.
    func compressedSum(_ buffer: UnsafeMutableBufferPointer<Float>, _ call: CollectiveCall) throws {
        guard nodes.nodes.count > 1 else {
            try window?.allreduce(buffer, .sum, call)
            return
        }
        try pipeline(buffer, .sum, call) { exchange, stage, piece, number in
            switch stage {
            case .start: try exchange.startCompressed(piece, number)
            case .reduce: try exchange.reduceCompressed(piece, number)
            case .finish: try exchange.finishCompressed(piece, number)
            }
        }
    }

    /// What a leader does with a piece, in this order.
    private enum Stage { case start, reduce, finish }

    /// Takes a buffer through the node, `leader`'s stages and the node again. A piece is in one stage at a time.
    private func pipeline<Element: CollectiveElement>(
        _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReduceOperation, _ call: CollectiveCall,
        leader: (LeaderExchange, Stage, UnsafeMutableBufferPointer<Element>, Int) throws -> Void
    ) throws {
        let capacity = min(pieceBytes / MemoryLayout<Element>.stride, messageLimit)
        // An empty buffer is a piece too: the calls are compared.
        let count = max(1, (buffer.count + capacity - 1) / capacity)
        func piece(_ k: Int) -> UnsafeMutableBufferPointer<Element>? {
            guard (0..<count).contains(k) else { return nil }
            return UnsafeMutableBufferPointer(rebasing: buffer[k * capacity..<min((k + 1) * capacity, buffer.count)])
        }
        try exchange?.announce(call)
        for step in 0..<count + 2 {
            if let elements = piece(step) {
                try window?.allreduce(elements, operation, call)
                if let exchange { try leader(exchange, .start, elements, step) }
            }
            if step == 1 { try exchange?.checkAnnouncement(of: call) }
            if let elements = piece(step - 1), let exchange { try leader(exchange, .reduce, elements, step - 1) }
            if let elements = piece(step - 2) {
                if let exchange { try leader(exchange, .finish, elements, step - 2) }
                window?.broadcast(elements)
            }
        }
    }
}
