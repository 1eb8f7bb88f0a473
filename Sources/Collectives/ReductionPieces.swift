/// How a buffer is cut on its way between nodes: into pieces that follow each other, each piece into a slice for every
/// node's leader, who adds it up, and a slice into messages.
package enum ReductionPieces {
    /// Bytes of a piece as it lies in memory: with many nodes more, so that a slice of it is worth a message.
    package static func bytes(nodes: Int) -> Int { max(1 << 20, nodes * messageBytes) }

    /// Bytes of a message at most. Over TCP, Open MPI sends up to 64 KiB with its header at once; more it first offers, and
    /// the answer queues behind whatever goes the other way: with both directions full, links stood still 40 % of the time.
    private static let messageBytes = 60 << 10

    /// The part of a piece of `count` elements that a leader adds up. Slices differ by one element at most.
    package static func slice(of leader: Int, count: Int, nodes: Int) -> Range<Int> {
        part(leader, of: nodes, count: count)
    }

    /// The messages that carry so many bytes of a slice, of about the same length.
    package static func messages(bytes: Int) -> [Range<Int>] {
        let count = (bytes + messageBytes - 1) / messageBytes
        return (0..<count).map { part($0, of: count, count: bytes) }
    }

    private static func part(_ index: Int, of parts: Int, count: Int) -> Range<Int> {
        count * index / parts..<count * (index + 1) / parts
    }
}
