import CMPI
import Collectives

/// How the nodes' leaders find that they were asked for different reductions: each tells the next and asks the one
/// before. If not all calls are equal, at least one leader learns of it.
final class CallAnnouncement {
    private static let tag: Int32 = 1
    private static let fields = 4

    private let rank: Int
    private let next: Int
    private let previous: Int
    private let requests: Requests
    /// What is sent, then what is received.
    private let calls: UnsafeMutableBufferPointer<Int64>

    /// - Parameter node: This rank's position among the leaders.
    init(leaders: [Int], node: Int, communicator: MPI_Comm, check: MPIStatusCheck) {
        rank = leaders[node]
        next = leaders[(node + 1) % leaders.count]
        previous = leaders[(node + leaders.count - 1) % leaders.count]
        requests = Requests(capacity: 2, on: communicator, check: check)
        calls = .allocate(capacity: 2 * Self.fields)
        calls.initialize(repeating: 0)
    }

    deinit { calls.deallocate() }

    func begin(_ call: CollectiveCall) throws {
        for (index, value) in call.encoded.enumerated() { calls[index] = value }
        let words = Words(calls)
        try requests.receive(words.bytes(Self.fields..<2 * Self.fields), from: previous, tag: Self.tag)
        try requests.send(UnsafeRawBufferPointer(words.bytes(0..<Self.fields)), to: next, tag: Self.tag)
    }

    /// - Throws: `CollectiveMismatch` if the one before was asked for something else.
    func check(_ call: CollectiveCall) throws {
        try requests.wait()
        guard let other = CollectiveCall(encoded: calls[Self.fields...]) else { return }
        let both = [(rank: rank, call: call), (rank: previous, call: other)].sorted { $0.rank < $1.rank }
        if let mismatch = CollectiveMismatch(both.map(\.call), of: both.map(\.rank)) { throw mismatch }
    }
}
