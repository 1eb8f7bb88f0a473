import Collectives
import Foundation

/// Two threads of each rank reduce at the same time, each on a communicator of its own and in another order: rank 0 is
/// early in the one, the others in the other. With one lock for both, or mixed messages, this would hang or be wrong.
func checkConcurrency(of communicator: any Communicator) throws {
    try expect(communicator.allowsConcurrentDuplicates, "the library does not support threads")
    let duplicate = try communicator.duplicate()
    let second = try duplicate.duplicate()
    try expect(second.rank == communicator.rank && second.size == communicator.size, "a duplicate has other ranks")
    let outcome = Outcome()
    let isFirst = communicator.rank == 0
    let other = Thread {
        outcome.set(
            Result { try sumRepeatedly(on: second, count: 300_000, times: 30, pause: isFirst ? 0.002 : 0) })
    }
    other.start()
    try sumRepeatedly(on: communicator, count: 1000, times: 200, pause: isFirst ? 0 : 0.0003)
    try outcome.wait().get()
}

private func sumRepeatedly(on communicator: any Communicator, count: Int, times: Int, pause: Double) throws {
    for time in 0..<times {
        if pause > 0 { Thread.sleep(forTimeInterval: pause) }
        var values = [Float](repeating: Float(communicator.rank + time), count: count)
        try communicator.allreduce(&values, .sum)
        let expected = Float((0..<communicator.size).reduce(0) { $0 + $1 + time })
        try expect(values.allSatisfy { $0 == expected }, "sum \(time) of \(count) is wrong")
    }
}

/// What a thread leaves.
private final class Outcome: @unchecked Sendable {
    private let condition = NSCondition()
    private var result: Result<Void, any Error>?

    func set(_ result: Result<Void, any Error>) {
        condition.withLock {
            self.result = result
            condition.signal()
        }
    }

    func wait() -> Result<Void, any Error> {
        condition.withLock {
            while true {
                if let result { return result }
                condition.wait()
            }
        }
    }
}
