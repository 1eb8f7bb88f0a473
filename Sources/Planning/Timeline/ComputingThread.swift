/// The thread that computes, on a processor that it may have to share with communication.
struct ComputingThread {
    /// What of the work is to be noticed: ends of the forward and of gradients, in seconds of work, ascending.
    private let marks: [Double]
    /// When each of `marks` was reached.
    private(set) var reached: [Double] = []
    /// Seconds of work that are done.
    private var done = 0.0

    init(marks: [Double]) { self.marks = marks }

    /// Works from one moment to another, at a rate of at most 1.
    mutating func work(from start: Double, to end: Double, rate: Double) {
        guard rate > 0, end > start else { return }
        let before = done
        done += (end - start) * rate
        while reached.count < marks.count, marks[reached.count] <= done {
            reached.append(start + max(0, marks[reached.count] - before) / rate)
        }
    }

    /// Seconds of work until a mark is reached.
    func workLeft(until mark: Int) -> Double { max(0, marks[mark] - done) }

    func hasReached(_ mark: Int) -> Bool { mark < reached.count }

    /// A mark's work is done now, but for rounding.
    mutating func reach(_ mark: Int, at time: Double) {
        while reached.count <= mark { reached.append(time) }
        done = max(done, marks[mark])
    }
}
