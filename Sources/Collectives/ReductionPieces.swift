/// How a buffer is cut on its way between nodes: into pieces that follow each other, and each piece into a slice for
/// every node's leader, who adds it up.
package enum ReductionPieces {
    /// Bytes of a piece as it lies in memory: with many nodes more, so that a slice of it is worth a message.
    package static func bytes(nodes: Int) -> Int { max(1 << 20, nodes << 16) }

    /// The part of a piece of `count` elements that a leader adds up. Slices differ by one element at most.
    package static func slice(of leader: Int, count: Int, nodes: Int) -> Range<Int> {
        count * leader / nodes..<count * (leader + 1) / nodes
    }
}
