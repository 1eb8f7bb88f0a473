import Collectives
import Kernels
import Models
import Tensors
import Testing

/// Ranks that share a global batch, against one rank that has all of it.
@Suite struct SynchronizedBatchNormTests {
    static let labels: [Int32] = [0, 3, 5, 6]
    static let shape = [4, 3, 64, 64]
    static let steps = 10

    /// Bounds on differences relative to the largest element of a parameter's gradient, to a step's loss and to the
    /// largest element of a running statistic. The largest that were measured: 2.3e-6, 6.4e-5, 1.3e-4. Losses and
    /// statistics are those of ten steps, in which rounding grows. Without synchronisation: 1.9, 3.6 and 0.47 at least.
    static let tolerance = Difference(gradient: 1e-5, loss: 1e-2, statistics: 2e-2)
    /// With Winograd's convolutions. Measured: 7.5e-6, 4.2e-3, 1.1e-3.
    static let toleranceOfWinograd = Difference(gradient: 3e-5, loss: 3e-2, statistics: 3e-2)

    @Test(arguments: BackendUnderTest.all)
    func ranksComputeTheStepsOfOneRank(_ backend: BackendUnderTest) throws {
        let tolerance = backend.roundsMore ? Self.toleranceOfWinograd : Self.tolerance
        let expected = try Self.train(backend, slices: [4], synchronized: false)[0]
        for slices in [[2, 2], [3, 1, 0]] {
            let ranks = try Self.train(backend, slices: slices, synchronized: true)
            for rank in ranks {
                let difference = rank.difference(from: expected)
                #expect(difference.gradient <= tolerance.gradient, "\(slices): \(difference)")
                #expect(difference.loss <= tolerance.loss, "\(slices): \(difference)")
                #expect(difference.statistics <= tolerance.statistics, "\(slices): \(difference)")
                #expect(rank.batchesTracked == Self.steps)
            }
            #expect(ranks.allSatisfy { $0.statistics == ranks[0].statistics }, "\(slices)")
            #expect(ranks.allSatisfy { $0.losses == ranks[0].losses }, "\(slices)")
        }
        // Without synchronisation it is another computation, or the comparison above could not fail.
        for rank in try Self.train(backend, slices: [3, 1], synchronized: false) {
            let difference = rank.difference(from: expected)
            #expect(difference.gradient > 0.1 && difference.loss > 0.1 && difference.statistics > 0.1, "\(difference)")
        }
    }

    struct Difference {
        var gradient: Double
        var loss: Double
        var statistics: Double
        /// The parameter whose gradient differs most.
        var parameter = ""
    }

    /// What a rank sees of a run.
    struct Record: Sendable {
        /// By parameter, of the first step, summed over the ranks.
        var gradients: [(name: String, values: [Float])] = []
        /// Of the global batch, by step.
        var losses: [Double] = []
        /// Running means and variances after the last step, one array a statistic.
        var statistics: [[Float]] = []
        var batchesTracked = 0

        func difference(from other: Record) -> Difference {
            let worst = zip(gradients, other.gradients).map {
                (relativeDifference($0.values, from: $1.values), $0.name)
            }
            .max { $0.0 < $1.0 }
            return Difference(
                gradient: worst?.0 ?? .infinity,
                loss: zip(losses, other.losses).map { relativeDifference([$0], from: [$1]) }.max() ?? .infinity,
                statistics: zip(statistics, other.statistics).map { relativeDifference($0, from: $1) }.max()
                    ?? .infinity,
                parameter: worst?.1 ?? "none")
        }
    }

    /// Ten steps of AAM-ResNet-18 with the images cut into one slice a rank.
    private static func train(
        _ backend: BackendUnderTest, slices: [Int], synchronized: Bool
    ) throws -> [Record] {
        let images = deterministicWeights("images/10", shape: shape)
        return try InMemoryGroup.run(ranks: slices.count) { communicator in
            let start = slices[..<communicator.rank].reduce(0, +)
            let count = slices[communicator.rank]
            let image = shape[1...].reduce(1, *)
            // Filters are laid out for the same shape on every rank, so that gradients can be added.
            let model = ResNet(
                ModelConfiguration(architecture: .resnet18, classes: 7), input: Shape(shape), on: backend)
            try model.loadDeterministicWeights()
            let run = TrainingRun(
                model,
                images: Tensor(
                    Array(images[start * image..<(start + count) * image]), shape: Shape([count] + shape[1...])),
                labels: Array(labels[start..<start + count]), globalBatch: labels.count)
            let reduction: StatisticsReduction = { try communicator.allreduce(&$0, .sum) }
            var record = Record()
            for step in 0..<steps {
                let part = try run.differentiate(synchronized ? reduction : nil).loss
                record.losses.append(try communicator.allreduce(part, .sum))
                try model.arena.gradients.withUnsafeMutableBufferPointer { buffer in
                    var span = buffer.mutableSpan
                    try communicator.allreduce(&span, .sum)
                }
                if step == 0 { record.gradients = model.parameters.map { ($0.name, $0.gradientElements) } }
                run.step(.usual)
            }
            record.statistics = model.norms.flatMap { [$0.runningMean, $0.runningVariance] }
            record.batchesTracked = Int(model.norms[0].batchesTracked)
            return record
        }
    }
}
