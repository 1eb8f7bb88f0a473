import Collectives

/// Rank 0 alone and the others together reduce, each part as often as it likes, and all of them afterwards.
func checkSplit(of communicator: any Communicator) throws {
    let isFirst = communicator.rank == 0
    let part = try communicator.split(color: isFirst ? 0 : 1)
    let others = communicator.size - 1
    try expect(part.size == (isFirst ? 1 : others), "a part of \(part.size) ranks")
    try expect(part.rank == (isFirst ? 0 : communicator.rank - 1), "rank \(part.rank) of the part")
    for time in 0..<(isFirst ? 3 : 20) {
        var values = [Float](repeating: Float(communicator.rank + time), count: 100_003)
        try part.allreduce(&values, .sum)
        let expected = isFirst ? time : others * (others + 1) / 2 + others * time
        try expect(values.allSatisfy { $0 == Float(expected) }, "sum \(time) is wrong")
    }
    let total = try communicator.allreduce(Int64(communicator.rank), .sum)
    try expect(total == Int64(communicator.size * others / 2), "the sum over all ranks is \(total)")
}
