import CMPI
import Collectives

/// Elements of any type in memory that messages are sent from and received into.
struct Words {
    let start: UnsafeMutableRawPointer?
    let count: Int
    /// Bytes of an element.
    let stride: Int

    init<Word: BitwiseCopyable>(_ words: UnsafeMutableBufferPointer<Word>) {
        start = UnsafeMutableRawPointer(words.baseAddress)
        count = words.count
        stride = MemoryLayout<Word>.stride
    }

    func bytes(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: start.map { $0 + range.lowerBound * stride }, count: range.count * stride)
    }
}

/// The messages by which the nodes' leaders sum up one piece of a buffer, of which each leader owns a slice.
final class LeaderMessages {
    private enum Tag {
        // 0 is that of `gather`.
        static let term: Int32 = 2
        static let sum: Int32 = 3
    }

    private let leaders: [Int]
    private let node: Int
    /// Each begins with another, so that not all send to the same one at first.
    private let others: [Int]
    private let requests: Requests
    /// Every leader's part of the own slice, each from a cache line's start.
    private let terms: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - leaders: Ranks of `communicator`, in the order of summation.
    ///   - node: This rank's position among them.
    ///   - pieceBytes: Of the largest piece.
    init(leaders: [Int], node: Int, pieceBytes: Int, communicator: MPI_Comm, check: MPIStatusCheck) {
        self.leaders = leaders
        self.node = node
        others = (1..<leaders.count).map { (node + $0) % leaders.count }
        let messages = ReductionPieces.messages(bytes: pieceBytes / leaders.count + MemoryLayout<Int>.stride)
        requests = Requests(capacity: 2 * leaders.count * messages.count, on: communicator, check: check)
        // Slices differ in length by one element at most.
        terms = .allocate(byteCount: pieceBytes + 128 * leaders.count, alignment: 64)
    }

    deinit { terms.deallocate() }

    /// Sends each leader its slice of a piece, and keeps the own one.
    func sendTerms(_ piece: Words) throws {
        // First: Swift 6.3 ends a throwing function whose last act is a copy with a wrong error register.
        term(node, of: piece).copyMemory(from: UnsafeRawBufferPointer(piece.bytes(ownSlice(count: piece.count))))
        try receive(tag: Tag.term) { term($0, of: piece) }
        try send(tag: Tag.term) { piece.bytes(slice(of: $0, count: piece.count)) }
    }

    /// Sends the sum in the own slice of a piece to all, and receives the other slices.
    func sendSum(_ piece: Words) throws {
        try receive(tag: Tag.sum) { piece.bytes(slice(of: $0, count: piece.count)) }
        let own = piece.bytes(ownSlice(count: piece.count))
        try send(tag: Tag.sum) { _ in own }
    }

    private func receive(tag: Int32, _ bytes: (Int) -> UnsafeMutableRawBufferPointer) throws {
        try forEachMessage(bytes) { try requests.receive($0, from: $1, tag: tag) }
    }

    private func send(tag: Int32, _ bytes: (Int) -> UnsafeMutableRawBufferPointer) throws {
        try forEachMessage(bytes) { try requests.send(UnsafeRawBufferPointer($0), to: $1, tag: tag) }
    }

    /// - Parameters:
    ///   - bytes: of each other leader.
    ///   - post: begins a message to or from a rank.
    private func forEachMessage(
        _ bytes: (Int) -> UnsafeMutableRawBufferPointer,
        _ post: (UnsafeMutableRawBufferPointer, _ rank: Int) throws -> Void
    ) throws {
        for other in others {
            let bytes = bytes(other)
            for message in ReductionPieces.messages(bytes: bytes.count) {
                try post(UnsafeMutableRawBufferPointer(rebasing: bytes[message]), leaders[other])
            }
        }
    }

    /// Waits for the messages begun last.
    func wait() throws { try requests.wait() }

    func ownSlice(count: Int) -> Range<Int> { slice(of: node, count: count) }

    /// A leader's part of the own slice of a piece.
    func term(_ leader: Int, of piece: Words) -> UnsafeMutableRawBufferPointer {
        let bytes = ownSlice(count: piece.count).count * piece.stride
        let start = leader * ((bytes + 63) / 64 * 64)
        return UnsafeMutableRawBufferPointer(rebasing: terms[start..<start + bytes])
    }

    private func slice(of leader: Int, count: Int) -> Range<Int> {
        ReductionPieces.slice(of: leader, count: count, nodes: leaders.count)
    }
}
