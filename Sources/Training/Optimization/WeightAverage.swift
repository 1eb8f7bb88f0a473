import Kernels
import Models
import Tensors

/// The exponential moving average of a model's parameters and running statistics over its steps:
/// average = decay·average + (1 - decay)·value, starting as the value after the first step, as PyTorch's `AveragedModel`
/// with `get_ema_avg_fn` and `use_buffers` has it.
///
/// Used by one thread at a time.
public final class WeightAverage: @unchecked Sendable {
    /// What is kept of the average at each step.
    public let decay: Double
    /// The parameters' averages, in the arena's places.
    let values: Tensor
    var statistics: [RunningStatistics]
    private let model: ResNet
    private var isStarted = false

    /// - Precondition: the decay is at least 0 and below 1.
    public init(of model: ResNet, decay: Double) {
        precondition(decay >= 0 && decay < 1, "a decay of \(decay)")
        self.model = model
        self.decay = decay
        values = .zeros([model.arena.count])
        statistics = model.norms.map(RunningStatistics.init)
    }

    /// Takes in the parameters in a range of the arena, which a step has moved.
    func update(in range: Range<Int>) {
        ElementSums.average(model.arena.values, into: values, decay: isStarted ? decay : 0, in: range)
    }

    /// Ends a step all of whose parameters have been taken in: takes in the running statistics.
    func finishStep() {
        let decay = isStarted ? decay : 0
        statistics = zip(statistics, model.norms).map { $0.averaged(with: RunningStatistics($1), decay: decay) }
        isStarted = true
    }

    /// Exchanges the model's parameters and statistics and their averages.
    private func exchange() {
        model.arena.values.withUnsafeMutableBufferPointer { values in
            self.values.withUnsafeMutableBufferPointer { averages in
                for index in values.indices { swap(&values[index], &averages[index]) }
            }
        }
        let own = model.norms.map(RunningStatistics.init)
        for (norm, average) in zip(model.norms, statistics) { average.set(norm) }
        statistics = own
    }

    /// Runs `body` with the averages in the model's place.
    func inPlace<Result>(_ body: () throws -> Result) rethrows -> Result {
        exchange()
        defer { exchange() }
        return try body()
    }

    /// Goes on from averages that `body` loads into the model; the model's own state is as before afterwards.
    func load(_ body: () throws -> Void) rethrows {
        try inPlace(body)
        isStarted = true
    }

    /// The running statistics' averages under torchvision's names.
    var entries: [StateEntry] {
        zip(model.norms, statistics).flatMap { norm, average in
            model.statistics(
                of: norm, mean: average.mean, variance: average.variance, batchesTracked: average.batchesTracked)
        }
    }
}

/// The running statistics of one batch norm.
struct RunningStatistics: Sendable {
    let mean: [Float]
    let variance: [Float]
    let batchesTracked: Int64

    init(_ norm: BatchNormalization) {
        self.init(mean: norm.runningMean, variance: norm.runningVariance, batchesTracked: norm.batchesTracked)
    }

    /// Mean and variance, one after the other.
    var values: [Float] { mean + variance }

    init(mean: [Float], variance: [Float], batchesTracked: Int64) {
        self.mean = mean
        self.variance = variance
        self.batchesTracked = batchesTracked
    }

    func set(_ norm: BatchNormalization) {
        norm.setRunning(mean: mean, variance: variance, batchesTracked: batchesTracked)
    }

    func averaged(with new: RunningStatistics, decay: Double) -> RunningStatistics {
        let (old, part) = (Float(decay), Float(1 - decay))
        func average(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 * old + $1 * part } }
        return RunningStatistics(
            mean: average(mean, new.mean), variance: average(variance, new.variance),
            batchesTracked: new.batchesTracked)
    }
}
