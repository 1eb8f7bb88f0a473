import Collectives
import Foundation
import Kernels
import Models
import Safetensors
import Tensors
import Training

/// Training steps and inference on a batch that stays in memory.
public struct StepBenchmark {
    /// Small, because a ResNet-50's first gradients are so steep that larger steps amplify rounding: the losses are to be
    /// compared with another program's.
    public static let learningRate = 1e-6
    public static let momentum = 0.9
    public static let weightDecay = 5e-4

    public let model: ModelConfiguration
    /// Images a step on each rank.
    public let batchPerRank: Int
    public let imageSize: Int
    public let communication: CommunicationOptions
    public let seed: UInt64

    public init(
        _ model: ModelConfiguration, batchPerRank: Int, imageSize: Int, communication: CommunicationOptions,
        seed: UInt64 = 0
    ) {
        self.model = model
        self.communication = communication
        self.batchPerRank = batchPerRank
        self.imageSize = imageSize
        self.seed = seed
    }

    /// Makes the model and the batch and checks the result: two steps from the same state must have the same losses both
    /// times, bit for bit, and the second loss must be lower than the first.
    /// - Parameter keepsProblem: whether the result has a `problem`, which takes memory.
    /// - Throws: `BenchmarkError`; failures of communication.
    public func prepare(
        on communicator: any Communicator, backend: any Backend, keepsProblem: Bool = false
    ) throws -> PreparedStep {
        try PreparedStep(self, communicator, backend, keepsProblem)
    }
}

/// A model, its optimizer and one batch, checked.
public final class PreparedStep {
    /// This rank's initial state, `images` (N, 3, H, W), `labels` (N), and the `losses` of the first two steps: enough
    /// for another program to do the same.
    public let problem: SafetensorsFile?

    private let step: TrainingStep

    init(
        _ benchmark: StepBenchmark, _ communicator: any Communicator, _ backend: any Backend, _ keepsProblem: Bool
    ) throws {
        let step = try TrainingStep(benchmark, communicator, backend)
        self.step = step
        let initial = step.network.safetensors
        var losses: [[Double]] = []
        for _ in 0..<2 {
            try step.network.load(initial)
            step.optimizer.momenta.zero()
            losses.append([try step.run(), try step.run()])
        }
        guard losses[0] == losses[1] else { throw BenchmarkError.notReproducible(losses[0], losses[1]) }
        guard losses[0][1] < losses[0][0] else { throw BenchmarkError.notLearning(losses[0]) }
        guard keepsProblem else {
            problem = nil
            return
        }
        problem = SafetensorsFile(
            metadata: initial.metadata,
            tensors: initial.tensors + [
                SafetensorsTensor(
                    name: "images", shape: step.images.shape.dimensions, float32: step.images.elements),
                SafetensorsTensor(name: "labels", shape: [step.labels.count], int64: step.labels.map(Int64.init)),
                SafetensorsTensor(name: "losses", shape: [2], float64: losses[0]),
            ])
    }

    /// The seconds of one training step, the slowest rank's.
    public func timedStep() throws -> Double {
        try step.communicator.slowest { _ = try step.run() }
    }

    /// Runs `body`, whose inferences have batch norm folded into the filters, as evaluation has.
    public func inferring<Result>(_ body: () throws -> Result) throws -> Result {
        try step.network.inferring {
            try step.infer()
            return try body()
        }
    }

    /// The seconds of one inference, the slowest rank's.
    public func timedInference() throws -> Double {
        try step.communicator.slowest(step.infer)
    }

    /// Medians over `repetitions` training steps, passes of the convolutions alone and inferences, which take turns.
    public func figures(repetitions: Int) throws -> [Figure] {
        let peak = peakResidentMebibytes
        let floor = ConvolutionFloor(step.network)
        floor.run()
        var (steps, floors, inferences): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<repetitions {
            steps.append(try timedStep())
            floors.append(try step.communicator.slowest(floor.run))
            inferences.append(try inferring(timedInference))
        }
        let count = Double(step.globalBatch)
        return [
            Figure("training step", median(steps), "s", limit: median(floors), limitName: "its convolutions alone"),
            Figure(
                "training", count / median(steps), "images/s", limit: count / median(floors),
                limitName: "its convolutions alone"),
            Figure("inference", count / median(inferences), "images/s"),
            Figure("peak resident memory of training", peak, "MiB"),
        ]
    }

    private var peakResidentMebibytes: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

/// One rank's model, optimizer and batch.
final class TrainingStep {
    let network: ResNet
    let optimizer: SGD
    let communicator: any Communicator
    private let reducer: GradientReducer
    let images: Tensor
    let labels: [Int32]
    /// Images over all ranks.
    let globalBatch: Int

    init(_ benchmark: StepBenchmark, _ communicator: any Communicator, _ backend: any Backend) throws {
        let shape: Shape = [benchmark.batchPerRank, 3, benchmark.imageSize, benchmark.imageSize]
        var generator = RandomGenerator(benchmark.seed)
        network = ResNet(benchmark.model, input: shape, backend: backend, generator: &generator)
        optimizer = SGD(network.arena, momentum: StepBenchmark.momentum, weightDecay: StepBenchmark.weightDecay)
        reducer = try GradientReducer(optimizer, on: communicator, benchmark.communication)
        self.communicator = communicator
        var ofRank = RandomGenerator(benchmark.seed, 1, UInt64(communicator.rank))
        images = Tensor((0..<shape.elementCount).map { _ in Float(ofRank.normal()) }, shape: shape)
        labels = (0..<benchmark.batchPerRank).map { _ in Int32(ofRank.index(below: benchmark.model.classes)) }
        globalBatch = benchmark.batchPerRank * communicator.size
    }

    /// Trains on the batch; the mean loss over all ranks before the update.
    func run() throws -> Double { try run(images, labels: labels) }

    /// Trains on another batch of as many images.
    func run(_ images: Tensor, labels: [Int32]) throws -> Double {
        let (loss, gradient) = try forward(images, labels: labels)
        try reducer.step(learningRate: StepBenchmark.learningRate) { try network.backward(gradient, completed: $0) }
        return try communicator.allreduce(loss, .sum) / Double(globalBatch)
    }

    /// The loss, summed over this rank's images, and the gradient of all ranks' mean with respect to the logits.
    func forward(_ images: Tensor, labels: [Int32]) throws -> (loss: Double, gradient: Tensor) {
        let logits = try network.forward(images, .training(nil))
        let loss = SoftmaxCrossEntropy.losses(logits, labels: labels).reduce(0, +)
        let gradient = SoftmaxCrossEntropy.gradient(
            logits, labels: labels, scale: 1 / Double(globalBatch), pool: network.backend.pool)
        return (loss, gradient)
    }

    func infer() throws {
        _ = try network.forward(images, .inference)
    }
}
