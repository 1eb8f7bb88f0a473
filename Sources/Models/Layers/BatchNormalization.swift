import Kernels
import Tensors
import Tracing

/// Adds each number over all ranks.
public typealias StatisticsReduction = (inout [Double]) throws -> Void

/// Batch normalisation (Ioffe and Szegedy, 2015) of (N, C, H, W), with an optional ReLU behind it.
///
/// Training: y = γ·(x - mean)/√(variance + ε) + β over N, H, W, of this rank alone or, with a reduction, of all ranks
/// together. Inference: the running statistics, which training moves by `momentum` (variance unbiased), as PyTorch does.
/// γ starts at 1, β at 0.
public final class BatchNormalization {
    /// γ (C), `NAME.weight`.
    public let scale: Parameter
    /// β (C), `NAME.bias`.
    public let shift: Parameter
    /// What the parameters' names begin with, such as `layer1.0.bn1`.
    public let name: String
    /// Of each channel, in inference's place of the batch's mean.
    public private(set) var runningMean: [Float]
    /// Of each channel, in inference's place of the batch's variance.
    public private(set) var runningVariance: [Float]
    /// Training batches so far: PyTorch's `num_batches_tracked`.
    public private(set) var batchesTracked: Int64 = 0
    /// Whether training, too, normalises with the running statistics and leaves them as they are.
    public var isFrozen = false

    private let epsilon = 1e-5
    private let momentum = 0.1
    private let backend: any Backend
    private let relu: Bool
    private var saved: Saved?

    private struct Saved {
        let input: Tensor
        let normalization: Normalization
        let count: Double
    }

    /// - Parameters:
    ///   - name: what the parameters' names begin with.
    ///   - channels: C.
    ///   - relu: whether max(y, 0) follows.
    ///   - backend: computes.
    public init(_ name: String, channels: Int, relu: Bool, backend: any Backend) {
        self.name = name
        self.relu = relu
        self.backend = backend
        scale = Parameter(
            name: "\(name).weight", shape: [channels], elements: [Float](repeating: 1, count: channels),
            backend: backend)
        shift = Parameter(
            name: "\(name).bias", shape: [channels], elements: [Float](repeating: 0, count: channels), backend: backend)
        runningMean = [Float](repeating: 0, count: channels)
        runningVariance = [Float](repeating: 1, count: channels)
    }

    /// Normalises with the running statistics. Overwrites `input` and returns it.
    public func infer(_ input: Tensor) -> Tensor {
        backend.batchNorm(input, runningNormalization, relu: relu, inPlace: true)
    }

    /// What `infer` computes, as operations.
    func append(to graph: inout InferenceGraph, _ input: InferenceGraph.Value) -> InferenceGraph.Value {
        func constant(_ statistic: String, _ values: [Float]) -> InferenceOperation.Constant {
            InferenceOperation.Constant(name: "\(name).\(statistic)", shape: [values.count], elements: values)
        }
        let y = graph.append(
            .batchNorm(
                scale: scale.constant, shift: shift.constant, mean: constant("running_mean", runningMean),
                variance: constant("running_var", runningVariance), epsilon: epsilon), input)
        return relu ? graph.append(.relu, y) : y
    }

    /// What the running statistics make of an input.
    public var runningNormalization: Normalization {
        Normalization(
            mean: runningMean, inverseDeviation: runningVariance.map { Float(1 / (Double($0) + epsilon).squareRoot()) },
            scale: scale.value, shift: shift.value)
    }

    /// Normalises with the batch's statistics and moves the running ones.
    /// - Parameters:
    ///   - input: x (N, C, H, W).
    ///   - reduction: sums over the ranks, for statistics of the global batch.
    /// - Throws: what `reduction` throws.
    public func train(_ input: Tensor, reduction: StatisticsReduction?) throws -> Tensor {
        let normalization = try trainingNormalization(of: input, reduction: reduction)
        return backend.recorder.span("\(name) forward", "forward") {
            backend.batchNorm(input, normalization, relu: relu, inPlace: false)
        }
    }

    /// What the batch's statistics make of an input; moves the running ones, unless it is frozen. `backward` or
    /// `setGradients` is to follow.
    /// - Throws: what `reduction` throws.
    public func trainingNormalization(of input: Tensor, reduction: StatisticsReduction?) throws -> Normalization {
        if isFrozen {
            let normalization = runningNormalization
            saved = Saved(input: input, normalization: normalization, count: 1)
            return normalization
        }
        let sums = backend.recorder.span("\(name) statistics", "forward") { backend.batchNormSums(input) }
        let (total, count) = try reduce(sums, count: Double(input.shape.batch * input.shape.positions), reduction)
        let mean = total.first.map { count > 0 ? $0 / count : 0 }
        let variance = zip(total.second, mean).map { count > 0 ? max($0 / count - $1 * $1, 0) : 0 }
        if count > 0 { track(mean, variance, count) }
        let normalization = Normalization(
            mean: mean.map(Float.init), inverseDeviation: variance.map { Float(1 / ($0 + epsilon).squareRoot()) },
            scale: scale.value, shift: shift.value)
        saved = Saved(input: input, normalization: normalization, count: count)
        return normalization
    }

    /// Sets the gradients of γ and β (this rank's part) and returns the input's, in the memory of `outputGradient`.
    /// - Throws: what `reduction` throws; it must be given if the forward had one.
    public func backward(_ outputGradient: Tensor, reduction: StatisticsReduction?) throws -> Tensor {
        guard let saved else { preconditionFailure("\(name): a backward needs a training forward before it") }
        return try backend.recorder.span("\(name) backward", "backward") {
            let sums = backend.batchNormGradientSums(
                outputGradient, input: saved.input, saved.normalization, relu: relu)
            let (total, count) = try setGradients(sums, reduction: reduction)
            return backend.batchNormInputGradient(
                outputGradient, input: saved.input, saved.normalization, relu: relu, sums: total, count: count,
                inPlace: true)
        }
    }

    /// The part of the backward that is this layer's alone, where another operation computes the input's gradient: see
    /// `NormGradient`.
    /// - Throws: what `reduction` throws.
    public func setGradients(
        _ sums: ChannelSums, reduction: StatisticsReduction?
    ) throws -> (sums: ChannelSums, count: Double) {
        guard let saved else { preconditionFailure("\(name): a backward needs a training forward before it") }
        self.saved = nil
        shift.gradient.copy(from: sums.first.map(Float.init))
        scale.gradient.copy(from: sums.second.map(Float.init))
        if isFrozen {
            // Statistics that do not depend on the input have no part in its gradient.
            let zeros = [Double](repeating: 0, count: sums.first.count)
            return (ChannelSums(first: zeros, second: zeros), 1)
        }
        let (total, _) = try reduce(sums, count: 0, reduction)
        return (total, max(saved.count, 1))
    }

    /// Replaces the running statistics, for example by a checkpoint's or by their mean over the ranks.
    public func setRunning(mean: [Float], variance: [Float], batchesTracked: Int64) {
        precondition(
            mean.count == runningMean.count && variance.count == mean.count, "\(name) has \(runningMean.count) channels"
        )
        runningMean = mean
        runningVariance = variance
        self.batchesTracked = batchesTracked
    }

    private func track(_ mean: [Double], _ variance: [Double], _ count: Double) {
        let unbiased = count > 1 ? count / (count - 1) : 1
        for c in mean.indices {
            runningMean[c] = Float((1 - momentum) * Double(runningMean[c]) + momentum * mean[c])
            runningVariance[c] = Float((1 - momentum) * Double(runningVariance[c]) + momentum * variance[c] * unbiased)
        }
        batchesTracked += 1
    }

    private func reduce(
        _ sums: ChannelSums, count: Double, _ reduction: StatisticsReduction?
    ) throws -> (ChannelSums, count: Double) {
        guard let reduction else { return (sums, count) }
        let channels = sums.first.count
        var packed = sums.first + sums.second + [count]
        try reduction(&packed)
        return (
            ChannelSums(first: Array(packed[..<channels]), second: Array(packed[channels..<2 * channels])),
            packed[2 * channels]
        )
    }
}
