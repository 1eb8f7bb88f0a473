import Collectives
import MPICollectives

/// Every operation on every element type, at sizes on either side of a shared chunk's.
func checkOperations(of communicator: any Communicator) throws {
    for count in [0, 1, 2, 1000, 65_536, 300_001] {
        try checkReductions(of: communicator, Float.self, count: count)
        try checkReductions(of: communicator, Double.self, count: count)
        try checkReductions(of: communicator, Int32.self, count: count)
        try checkReductions(of: communicator, Int64.self, count: count)
        try checkReductions(of: communicator, UInt8.self, count: count)
    }
    try checkMovement(of: communicator, Float.self)
    try checkMovement(of: communicator, Double.self)
    try checkMovement(of: communicator, Int32.self)
    try checkMovement(of: communicator, Int64.self)
    try checkMovement(of: communicator, UInt8.self)
    try checkText(of: communicator)
    try communicator.barrier()
}

/// Small integers, so that sums are exact in every type.
private func value<Element: CollectiveElement>(_ rank: Int, _ index: Int) -> Element {
    Element(exactly: (index * 7 + rank * 3) % 11) ?? 0
}

private func checkReductions<Element: CollectiveElement>(
    of communicator: any Communicator, _ type: Element.Type, count: Int
) throws {
    let ranks = 0..<communicator.size
    for operation in ReduceOperation.allCases {
        var values: [Element] = (0..<count).map { value(communicator.rank, $0) }
        try communicator.allreduce(&values, operation)
        for index in 0..<count {
            let all: [Element] = ranks.map { value($0, index) }
            let expected: Element =
                switch operation {
                case .sum: all.reduce(0, +)
                case .max: all.max() ?? 0
                case .min: all.min() ?? 0
                }
            try expect(
                values[index] == expected,
                "\(operation) of \(count) \(type): element \(index) is \(values[index]), not \(expected)")
        }
    }
}

private func checkMovement<Element: CollectiveElement>(
    of communicator: any Communicator, _ type: Element.Type
) throws {
    let count = 70_001
    for root in 0..<communicator.size {
        var values: [Element] = (0..<count).map { value(communicator.rank, $0) }
        try communicator.broadcast(&values, from: root)
        try expect(values == (0..<count).map { value(root, $0) }, "broadcast of \(type) from \(root) is wrong")

        // Rank r hands in r * 1000 values: none at all on rank 0.
        let mine: [Element] = (0..<communicator.rank * 1000).map { value(communicator.rank, $0) }
        let gathered = try communicator.gather(mine, to: root)
        let expected: [[Element]] =
            communicator.rank == root
            ? (0..<communicator.size).map { rank in (0..<rank * 1000).map { value(rank, $0) } } : []
        try expect(gathered == expected, "gather of \(type) to \(root) is wrong")
    }
}

private func checkText(of communicator: any Communicator) throws {
    let last = communicator.size - 1
    let text = try communicator.broadcast(communicator.rank == last ? "Zaunkönig 3:ß" : "", from: last)
    try expect(text == "Zaunkönig 3:ß", "broadcast of text yields \(text)")
    let texts = try communicator.broadcast(communicator.rank == last ? ["", "4:ab", "é"] : [], from: last)
    try expect(texts == ["", "4:ab", "é"], "broadcast of texts yields \(texts)")
    let names = try communicator.gather("rank \(communicator.rank)", to: last)
    let expected = communicator.rank == last ? (0..<communicator.size).map { "rank \($0)" } : []
    try expect(names == expected, "gather of text yields \(names)")
}
