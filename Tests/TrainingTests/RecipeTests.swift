import Collectives
import Foundation
import Kernels
import Models
import Tensors
import Testing
import Training

/// Schedules, updates and targets against PyTorch.
@Suite struct RecipeTests {
    @Test func schedulesAgreeWithPyTorch() throws {
        let schedules = try RecipeFixture.load().schedules
        #expect(schedules.count == 5)
        for expected in schedules {
            let shape: LearningRateSchedule.Shape =
                switch expected.shape {
                case "poly": .poly(end: 0, power: 0.9)
                case "cosine": .cosine(end: 0.01)
                default: .step(at: [6, 10, 15], factor: 0.3)
                }
            let schedule = LearningRateSchedule(
                base: 0.5, shape: shape, warmupSteps: expected.warmup, totalSteps: expected.rates.count)
            for (step, rate) in expected.rates.enumerated() {
                #expect(abs(schedule.learningRate(at: step) - rate) <= 1e-9, "\(expected.shape), step \(step)")
            }
        }
    }

    @Test func epochsOfOptionsBecomeSteps() {
        let configuration = TrainingConfiguration.small {
            $0.epochs = 10
            $0.schedule = .step
            $0.stepEpochs = ValueList([4, 8])
            $0.stepFactor = 0.5
            $0.warmupEpochs = 0.5
        }
        let schedule = configuration.learningRateSchedule(stepsPerEpoch: 6)
        #expect(
            [0, 2, 3, 23, 24, 48].map(schedule.learningRate) == [0.0025, 0.0075, 0.01, 0.01, 0.005, 0.0025])
    }

    private static func gradient(_ count: Int, step: Int) -> [Float] {
        let factor: Float = step % 3 == 2 ? 8 : 1
        return (0..<count).map { factor * Float((23 * $0 + 11 * step) % 17 - 8) / 16 }
    }

    /// Over two ranks that have half of the gradient each, and with the gradient in three parts that are accumulated: all
    /// are exact in single precision.
    @Test(arguments: [(1, 1), (2, 1), (1, 3)])
    func clippedStepsAndTheirAverageAgreeWithPyTorch(ranks: Int, parts: Int) throws {
        let expected = try RecipeFixture.load().update
        #expect(expected.map(\.steps) == [1, 2, 20])
        let errors = try InMemoryGroup.run(ranks: ranks) { communicator in
            func parameter(_ name: String, _ shape: Shape) -> Parameter {
                let elements = (0..<shape.elementCount).map { Float((37 * $0) % 19 - 9) / 8 }
                return Parameter(name: name, shape: shape, elements: elements, backend: ReferenceBackend())
            }
            let arena = ParameterArena([parameter("weight", [3, 4]), parameter("bias", [5])])
            let update = ParameterUpdate(
                SGD(arena, momentum: 0.8, weightDecay: 0.01, nesterov: true, decaysNorms: false), clipNorm: 1.5)
            let options = TrainingConfiguration.small().communication
            let reducer = try GradientReducer(update, on: communicator, options)
            let average = Tensor.zeros([arena.count])
            var errors: [Double] = []
            for step in 0..<20 {
                func setGradients(of part: Float) {
                    for parameter in arena.parameters {
                        let whole = Self.gradient(parameter.shape.elementCount, step: step)
                        parameter.gradient.copy(from: whole.map { $0 * part / Float(ranks) })
                    }
                }
                for part in 1..<parts { try reducer.accumulate { setGradients(of: part == 1 ? 0.25 : 0.5) } }
                try reducer.step(learningRate: 0.05) { completed in
                    setGradients(of: parts == 1 ? 1 : 0.25)
                    completed(arena.count)
                }
                ElementSums.average(arena.values, into: average, decay: step == 0 ? 0 : 0.9, in: 0..<arena.count)
                guard let result = expected.first(where: { $0.steps == step + 1 }) else { continue }
                func elements(_ tensor: Tensor) -> [Float] {
                    arena.parameters.indices.flatMap { arena.slice(of: tensor, $0).elements }
                }
                for (values, wanted) in [(arena.values, result.values), (average, result.averages)] {
                    errors.append(zip(elements(values), wanted).map { abs(Double($0) - $1) }.max() ?? .infinity)
                }
            }
            return errors
        }
        for errors in errors {
            #expect(errors.count == 6)
            // PyTorch fuses products and sums in other places.
            #expect(errors.allSatisfy { $0 <= 1e-6 }, "\(errors)")
        }
    }

    @Test func crossEntropyWithTwoLabelsAgreesWithPyTorch() throws {
        let expected = try RecipeFixture.load().mixedLabels
        var elements: [Float] = []
        for n in 0..<4 {
            for i in 0..<6 { elements.append(Float((29 * i + 7 * n) % 23 - 11) / 4) }
        }
        let logits = Tensor(elements, shape: [4, 6])
        let targets = (0..<4).map {
            ClassTarget(expected.labels[$0], other: expected.others[$0], weight: expected.weights[$0])
        }
        let losses = SoftmaxCrossEntropy.losses(logits, targets: targets)
        for (loss, wanted) in zip(losses, expected.losses) { #expect(abs(loss - wanted) <= 2e-6) }
        let found = SoftmaxCrossEntropy.gradient(logits, targets: targets, scale: 1).elements.map(Double.init)
        for (value, wanted) in zip(found, expected.gradient) { #expect(abs(value - wanted) <= 2e-7) }
        // One label is the other formula's special case, bit for bit.
        let plain = SoftmaxCrossEntropy.losses(logits, labels: expected.labels)
        #expect(plain[3] == losses[3])
    }
}
