import Collectives
import Datasets
import Kernels
import Models
import Tensors
import Training

/// The first step of a run, on one rank and written out: what `Trainer` is compared with.
struct StepByHand: Sendable {
    let loss: Double
    let before: [Float]
    let after: [Float]

    /// - Parameter indices: the training images of the step.
    init(_ configuration: TrainingConfiguration, on dataset: ImageDataset, indices: [Int]) throws {
        self = try InMemoryGroup.run(ranks: 1) { _ in
            try StepByHand(computing: configuration, on: dataset, indices: indices)
        }[0]
    }

    private init(computing configuration: TrainingConfiguration, on dataset: ImageDataset, indices: [Int]) throws {
        var generator = RandomGenerator(configuration.seed)
        let size = configuration.imageSize
        let model = ResNet(
            configuration.modelConfiguration(classes: dataset.classNames.count), input: [indices.count, 3, size, size],
            backend: AcceleratedBackend(threads: 1), generator: &generator)
        let before = ModelSnapshot(model).parameters
        self.before = before
        let loader = try BatchLoader(
            samples: dataset.train, plans: [BatchPlan(epoch: 0, number: 0, indices: indices)],
            transform: TrainingTransform(imageSize: size, scale: configuration.cropScale.range),
            seed: configuration.seed)
        guard let batch = try loader.next() else { preconditionFailure("one plan gives one batch") }
        let logits = try model.forward(batch.images, .training(nil))
        loss = SoftmaxCrossEntropy.losses(logits, labels: batch.labels).reduce(0, +) / Double(indices.count)
        try model.backward(
            SoftmaxCrossEntropy.gradient(logits, labels: batch.labels, scale: 1 / Double(indices.count)))
        let (rate, decay) = (configuration.learningRate, configuration.weightDecay)
        // Momentum has no part in a first step.
        after = model.arena.gradients.withUnsafeBufferPointer { gradients in
            zip(before, gradients).map { value, gradient in
                Float(Double(value) - rate * (Double(gradient) + decay * Double(value)))
            }
        }
    }

    /// ‖parameters - after‖ / ‖after - before‖: the part of the step that other parameters got wrong.
    func error(of parameters: [Float]) -> Double {
        var (wrong, moved) = (0.0, 0.0)
        for index in after.indices {
            let (difference, step) = (parameters[index] - after[index], after[index] - before[index])
            wrong += Double(difference) * Double(difference)
            moved += Double(step) * Double(step)
        }
        return (wrong / moved).squareRoot()
    }
}
