/// What one rank asks of a collective: the part that must agree between ranks.
package struct CollectiveCall: Equatable, Sendable {
    package enum Kind: Int64, Sendable {
        case sum, max, min, broadcast, gather, barrier, compressedSum
    }

    package let kind: Kind
    package let element: CollectiveElementKind
    /// Elements in the buffer; 0 where the ranks' counts may differ.
    package let count: Int
    /// The root rank; 0 where there is none.
    package let root: Int

    package init<Element: CollectiveElement>(allreduce: Element.Type, count: Int, _ operation: ReduceOperation) {
        switch operation {
        case .sum: kind = .sum
        case .max: kind = .max
        case .min: kind = .min
        }
        element = Element.collectiveKind
        self.count = count
        root = 0
    }

    package init(sumOfFloats count: Int, wire: WireFormat) {
        self.init(kind: wire == .float32 ? .sum : .compressedSum, element: .float, count: count, root: 0)
    }

    package init<Element: CollectiveElement>(broadcast: Element.Type, count: Int, root: Int) {
        self.init(kind: .broadcast, element: Element.collectiveKind, count: count, root: root)
    }

    package init<Element: CollectiveElement>(gather: Element.Type, root: Int) {
        self.init(kind: .gather, element: Element.collectiveKind, count: 0, root: root)
    }

    package static let barrier = CollectiveCall(kind: .barrier, element: .uint8, count: 0, root: 0)

    private init(kind: Kind, element: CollectiveElementKind, count: Int, root: Int) {
        self.kind = kind
        self.element = element
        self.count = count
        self.root = root
    }

    /// The call as numbers that can be sent to other ranks.
    package var encoded: [Int64] { [kind.rawValue, element.rawValue, Int64(count), Int64(root)] }

    package init?(encoded: some Collection<Int64>) {
        let fields = Array(encoded)
        guard fields.count == 4, let kind = Kind(rawValue: fields[0]),
            let element = CollectiveElementKind(rawValue: fields[1])
        else { return nil }
        self.init(kind: kind, element: element, count: Int(fields[2]), root: Int(fields[3]))
    }
}

extension CollectiveCall: CustomStringConvertible {
    package var description: String {
        switch kind {
        case .sum, .max, .min: "allreduce(\(kind)) of \(count) \(element)"
        case .compressedSum: "allreduce(sum) of \(count) \(element) as \(WireFormat.bfloat16)"
        case .broadcast: "broadcast of \(count) \(element) from rank \(root)"
        case .gather: "gather of \(element) to rank \(root)"
        case .barrier: "barrier"
        }
    }
}

/// The ranks did not call the same collective: an error in the program, or ranks that took different branches.
public struct CollectiveMismatch: CommunicationFailure, Equatable {
    public let description: String

    /// nil if all calls are equal.
    /// - Parameter ranks: Whose calls they are, ascending; 0, 1, 2 … if it is nil.
    package init?(_ calls: [CollectiveCall], of ranks: [Int]? = nil) {
        guard let first = calls.first, let other = calls.firstIndex(where: { $0 != first }) else { return nil }
        let numbers = ranks ?? Array(calls.indices)
        description =
            "the ranks called different collectives: rank \(numbers[0]) called \(first), rank \(numbers[other]) called "
            + "\(calls[other])"
    }

    package init(finished rank: Int, whileOthersCalled call: CollectiveCall, on other: Int) {
        description = "rank \(other) called \(call), but rank \(rank) has finished without calling it"
    }
}
