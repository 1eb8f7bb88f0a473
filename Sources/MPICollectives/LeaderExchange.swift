import CMPI
import Collectives

/// The reduction between nodes, by direct messages between their leaders.
///
/// A buffer goes through in pieces, of which each leader owns a slice: it receives the others' slices (`start`), adds
/// them up in the order of the nodes and sends the sum to all (`reduce`), and receives the sums of the other slices
/// (`finish`). Three pieces may be under way, one in each stage, so that messages go on while others are added up.
///
/// Every element is added in the same order whichever slice it is in. MPI_Allreduce would choose an algorithm, and with
/// it an order, by the size of the message.
final class LeaderExchange {
    /// Where one of the pieces under way is.
    private struct Lane {
        let messages: LeaderMessages
        /// The piece as it is sent, where that is not the caller's buffer itself.
        let compressed: UnsafeMutableBufferPointer<UInt16>
    }

    private let nodes: Int
    private let lanes: [Lane]
    private let announcement: CallAnnouncement

    /// - Parameters:
    ///   - leaders: Ranks of `communicator`, in the order of summation.
    ///   - node: This rank's position among them.
    ///   - pieceBytes: Of the largest piece.
    init(leaders: [Int], node: Int, pieceBytes: Int, communicator: MPI_Comm, check: MPIStatusCheck) {
        nodes = leaders.count
        lanes = (0..<3).map { _ in
            Lane(
                messages: LeaderMessages(
                    leaders: leaders, node: node, pieceBytes: pieceBytes, communicator: communicator, check: check),
                compressed: .allocate(capacity: pieceBytes / MemoryLayout<Float>.stride))
        }
        announcement = CallAnnouncement(leaders: leaders, node: node, communicator: communicator, check: check)
    }

    deinit {
        for lane in lanes { lane.compressed.deallocate() }
    }

    /// To be called before the first piece of a call.
    func announce(_ call: CollectiveCall) throws { try announcement.begin(call) }

    /// To be called before the first `reduce`: the counts of the messages are right only if the calls are.
    /// - Throws: `CollectiveMismatch`.
    func checkAnnouncement(of call: CollectiveCall) throws { try announcement.check(call) }

    // MARK: Pieces as they are

    /// - Parameter number: Counts the pieces of a call.
    func start<Element: CollectiveElement>(_ piece: UnsafeMutableBufferPointer<Element>, _ number: Int) throws {
        try lane(number).messages.sendTerms(Words(piece))
    }

    func reduce<Element: CollectiveElement>(
        _ piece: UnsafeMutableBufferPointer<Element>, _ number: Int, _ operation: ReduceOperation
    ) throws {
        let (messages, words) = (lane(number).messages, Words(piece))
        try messages.wait()
        let own = UnsafeMutableBufferPointer(rebasing: piece[messages.ownSlice(count: piece.count)])
        UnsafeMutableRawBufferPointer(own).copyMemory(from: UnsafeRawBufferPointer(messages.term(0, of: words)))
        var total = own.mutableSpan
        for node in 1..<nodes {
            let term = UnsafeBufferPointer(messages.term(node, of: words).bindMemory(to: Element.self))
            Element.accumulate(term.span, into: &total, operation)
        }
        try messages.sendSum(words)
    }

    func finish(_ number: Int) throws { try lane(number).messages.wait() }

    // MARK: Compressed pieces

    func startCompressed(_ piece: UnsafeMutableBufferPointer<Float>, _ number: Int) throws {
        let compressed = compressed(piece, number)
        var target = compressed.mutableSpan
        BFloat16.encode(UnsafeBufferPointer(piece).span, into: &target)
        try lane(number).messages.sendTerms(Words(compressed))
    }

    /// The own node's part is rounded like the others', so that the sum does not depend on who owns the element.
    func reduceCompressed(_ piece: UnsafeMutableBufferPointer<Float>, _ number: Int) throws {
        let (messages, compressed) = (lane(number).messages, compressed(piece, number))
        let words = Words(compressed)
        try messages.wait()
        let slice = messages.ownSlice(count: piece.count)
        let own = UnsafeMutableBufferPointer(rebasing: piece[slice])
        var total = own.mutableSpan
        for node in 0..<nodes {
            let term = UnsafeBufferPointer(messages.term(node, of: words).bindMemory(to: UInt16.self)).span
            if node == 0 { BFloat16.decode(term, into: &total) } else { BFloat16.accumulate(term, into: &total) }
        }
        var rounded = UnsafeMutableBufferPointer(rebasing: compressed[slice]).mutableSpan
        BFloat16.encode(UnsafeBufferPointer(own).span, into: &rounded)
        try messages.sendSum(words)
    }

    func finishCompressed(_ piece: UnsafeMutableBufferPointer<Float>, _ number: Int) throws {
        try lane(number).messages.wait()
        var target = piece.mutableSpan
        BFloat16.decode(UnsafeBufferPointer(compressed(piece, number)).span, into: &target)
    }

    private func lane(_ number: Int) -> Lane { lanes[number % lanes.count] }

    private func compressed(
        _ piece: UnsafeMutableBufferPointer<Float>, _ number: Int
    ) -> UnsafeMutableBufferPointer<UInt16> {
        UnsafeMutableBufferPointer(rebasing: lane(number).compressed[..<piece.count])
    }
}
