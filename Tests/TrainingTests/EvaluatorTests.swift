import Collectives
import Datasets
import Foundation
import Kernels
import Models
import Tensors
import Testing
import Training

extension TrainingRuns {
    @Suite struct EvaluatorTests {
        let samples: [ImageSample]

        init() throws { samples = try TrainingFixture.dataset().test }

        /// What a rank got of an evaluation.
        struct Outcome: Sendable {
            let result: EvaluationResult
            let predictions: [Prediction]
            let skipped: [String]
        }

        private func evaluator(
            _ samples: [ImageSample], _ view: TrainingConfiguration.EvaluationView = .center,
            skipUnreadable: Bool = false, flips: Bool = false, rankedCount: Int = 5
        ) -> Evaluator {
            Evaluator(
                samples: samples, view: view, imageSize: 32, cropBoxes: false, batchSize: 2, loaderThreads: 1,
                skipUnreadable: skipUnreadable, flips: flips, rankedCount: rankedCount)
        }

        /// Runs evaluations one after another by one new model.
        /// - Parameter bias: the logits of every image, instead of those of random weights.
        /// - Returns: an evaluation's outcomes, one a rank.
        private func outcomes(
            of evaluators: [Evaluator], ranks: Int, classes: Int = 3, bias: [Float]? = nil
        ) throws -> [[Outcome]] {
            let byRank = try InMemoryGroup.run(ranks: ranks) { communicator in
                var generator = RandomGenerator(3)
                let model = ResNet(
                    ModelConfiguration(architecture: .resnet18, classes: classes), input: [2, 3, 32, 32],
                    backend: AcceleratedBackend(threads: 1), generator: &generator)
                for parameter in model.parameters {
                    switch (parameter.name, bias) {
                    case ("fc.weight", .some): parameter.elements = parameter.elements.map { _ in 0 }
                    case ("fc.bias", let bias?): parameter.elements = bias
                    default: break
                    }
                }
                return try evaluators.map { evaluator in
                    var skipped: [String] = []
                    let (result, predictions) = try evaluator.run(model, on: communicator) { skipped.append($0.path) }
                    return Outcome(result: result, predictions: predictions, skipped: skipped)
                }
            }
            return evaluators.indices.map { index in byRank.map { $0[index] } }
        }

        @Test func anyNumberOfRanksSeesEachImageOnce() throws {
            var broken = samples
            let path = "\(TrainingFixture.folder)/missing.jpg"
            broken[5] = broken[5].at(path)
            let views = TrainingConfiguration.EvaluationView.allCases
            let evaluators =
                views.map { evaluator(samples, $0) } + [evaluator(samples, flips: true)]
                + views.map { evaluator(broken, $0, skipUnreadable: true) }
            let alone = try outcomes(of: evaluators, ranks: 1).map { $0[0] }
            for ranks in [2, 3] {
                for (outcomes, expected) in zip(try outcomes(of: evaluators, ranks: ranks), alone) {
                    for outcome in outcomes { expectSame(outcome.result, expected.result) }
                    #expect(outcomes[0].predictions == expected.predictions)
                    #expect(outcomes.dropFirst().allSatisfy { $0.predictions.isEmpty })
                    #expect(outcomes.flatMap(\.skipped) == expected.skipped)
                }
            }
            for outcome in alone.prefix(3) {
                #expect(outcome.predictions.map(\.index) == Array(0..<9))
                #expect((outcome.result.count, outcome.result.skipped) == (9, 0))
            }
            for outcome in alone.suffix(2) {
                #expect(outcome.predictions.map(\.index) == [0, 1, 2, 3, 4, 6, 7, 8])
                #expect((outcome.result.count, outcome.result.skipped) == (8, 1))
                #expect(outcome.skipped == [path])
            }
            // The views are not the same.
            #expect(abs(alone[0].result.lossSum - alone[1].result.lossSum) > 1e-3)
        }

        private func expectSame(_ result: EvaluationResult, _ expected: EvaluationResult) {
            #expect(result.count == expected.count)
            #expect(result.top1Count == expected.top1Count)
            #expect(result.top5Count == expected.top5Count)
            #expect(result.skipped == expected.skipped)
            // Bit for bit: the batches are the same, and sums have the list's order.
            #expect(result.lossSum == expected.lossSum)
        }

        @Test func mirroredImagesCountLikeTheImages() throws {
            let (plain, flipped) = try { ($0[0][0], $0[1][0]) }(
                outcomes(of: [evaluator(samples), evaluator(samples, flips: true)], ranks: 1))
            #expect(plain.predictions != flipped.predictions)
            let loader = try BatchLoader(
                samples: samples, plans: [BatchPlan(epoch: 0, number: 0, indices: [0, 1])],
                transform: EvaluationTransform(imageSize: 32), seed: 0)
            let batch = try #require(try loader.next())
            let mirrored = batch.mirroredImages()
            for row in stride(from: 0, to: 2 * 3 * 32 * 32, by: 32) {
                #expect(
                    Array(batch.images.elements[row..<row + 32].reversed())
                        == mirrored.elements[row..<row + 32].map { $0 })
            }
            var generator = RandomGenerator(3)
            let model = ResNet(
                ModelConfiguration(architecture: .resnet18, classes: 3), input: [2, 3, 32, 32],
                backend: AcceleratedBackend(threads: 1), generator: &generator)
            let logits = try model.inferring {
                try [batch.images, mirrored].map { try model.forward($0, .inference).elements }
            }
            let mean = zip(logits[0], logits[1]).map { ($0 + $1) / 2 }
            let expected = SoftmaxCrossEntropy.probabilities(Tensor(mean, shape: [2, 3]))
            for (prediction, probabilities) in zip(flipped.predictions, expected) {
                #expect(prediction.probabilities == probabilities.sorted(by: >))
            }
        }

        @Test func scoresThatAreNotNumbersAreAnError() {
            #expect(throws: TrainingError.scoresNotFinite(image: samples[0].path)) {
                try outcomes(of: [evaluator(samples)], ranks: 1, bias: [0, .nan, 0])
            }
        }

        @Test func theResultIsTheSumOfThePredictions() throws {
            let outcome = try outcomes(of: [evaluator(samples)], ranks: 2)[0][0]
            let right = outcome.predictions.count { $0.ranking[0] == samples[$0.index].label }
            #expect(outcome.result.top1Count == right)
            #expect(outcome.result.top1 == Double(right) / 9)
            let loss = outcome.predictions.reduce(0) { sum, prediction in
                let place = prediction.ranking.firstIndex(of: samples[prediction.index].label) ?? 0
                return sum - log(prediction.probabilities[place])
            }
            #expect(abs(outcome.result.lossSum - loss) <= 1e-9 * loss)
            for prediction in outcome.predictions {
                #expect(abs(prediction.probabilities.reduce(0, +) - 1) <= 1e-12)
                #expect(prediction.probabilities == prediction.probabilities.sorted(by: >))
            }
        }

        @Test func moreRanksThanImagesCountEachOnce() throws {
            let all = try outcomes(of: [evaluator(Array(samples.prefix(2)))], ranks: 3)[0]
            #expect(all.map(\.result.count) == [2, 2, 2])
            #expect(all[0].predictions.map(\.index) == [0, 1])
        }

        @Test func equalScoresRankByClassNumber() throws {
            let (result, predictions) = try { ($0.result, $0.predictions) }(
                outcomes(of: [evaluator(samples)], ranks: 2, classes: 7, bias: [0, 1, 0, 2, 1, 0, 0])[0][0])
            #expect(predictions.map(\.ranking) == [[Int]](repeating: [3, 1, 4, 0, 2], count: 9))
            #expect(result.top1Count == 0)
            #expect(result.top5Count == 9)
        }

        @Test func moreClassesAreRankedIfAskedForAndStillFiveCount() throws {
            let evaluators = [evaluator(samples, rankedCount: 6), evaluator(samples, rankedCount: 1)]
            let all = try outcomes(of: evaluators, ranks: 2, classes: 7, bias: [0, 1, -1, 2, 1, 1, 0])
            #expect(all[0][0].predictions.map(\.ranking) == [[Int]](repeating: [3, 1, 4, 5, 0, 6], count: 9))
            #expect(all[1][0].predictions.map(\.ranking) == [[Int]](repeating: [3, 1, 4, 5, 0], count: 9))
            // Of labels 0, 1 and 2, the last is not among the five.
            #expect(all.map { $0[0].result.top5Count } == [6, 6])
        }

        @Test func countsAndLossAreThoseOfKnownLogits() throws {
            let result = try outcomes(
                of: [evaluator(samples)], ranks: 1, classes: 7, bias: [0, 1, 0, 0.5, 0.5, 0.5, 0.5])[0][0].result
            let ofClass1 = samples.count { $0.label == 1 }
            #expect(ofClass1 == 3)
            #expect(result.top1Count == ofClass1)
            // Of labels 0, 1 and 2, only 1 is among classes 1, 3, 4, 5 and 6.
            #expect(result.top5Count == ofClass1)
            let expected = 9 * log(2 + exp(1) + 4 * exp(0.5)) - Double(ofClass1)
            #expect(abs(result.lossSum - expected) <= 1e-9 * expected)
        }

        @Test func anUnreadableImageEndsTheEvaluationUnlessSkipped() throws {
            let path = "\(TrainingFixture.folder)/missing.jpg"
            let broken = samples.dropLast() + [samples[8].at(path)]
            for (view, ranks) in [(TrainingConfiguration.EvaluationView.center, 2), (.native, 1)] {
                let message = message { try outcomes(of: [evaluator(Array(broken), view)], ranks: ranks) }
                #expect(message == "\(path): cannot read the image: No such file or directory")
            }
        }
    }
}
