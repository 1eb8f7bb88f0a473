import Kernels
import Models
import Tensors
import Testing

@Suite struct UnusualBatchTests {
    static let configuration = ModelConfiguration(architecture: .resnet18, classes: 7)

    /// A rank whose slice of the last batch is empty takes part with gradients of zero.
    @Test(arguments: BackendUnderTest.all, ModelConfiguration.Placement.allCases)
    func emptySliceHasZeroGradients(_ backend: BackendUnderTest, _ placement: ModelConfiguration.Placement) throws {
        var configuration = Self.configuration
        configuration.placement = placement
        let model = ResNet(configuration, input: [2, 3, 64, 64], on: backend)
        try model.loadDeterministicWeights()
        // Whatever the gradients held before must go.
        model.arena.gradients.withUnsafeMutableBufferPointer { $0.update(repeating: 3) }
        let statistics = model.norms.map(\.runningMean)
        let run = TrainingRun(model, images: Tensor([0, 3, 64, 64]), labels: [], globalBatch: 4)
        let (loss, logits) = try run.differentiate()
        #expect(loss == 0)
        #expect(logits.shape == [0, 7])
        for parameter in model.parameters {
            #expect(parameter.gradientElements.allSatisfy { $0 == 0 }, "\(parameter.name)")
        }
        #expect(model.norms.map(\.runningMean) == statistics)
        #expect(model.norms.allSatisfy { $0.batchesTracked == 0 })
        #expect(try model.forward(Tensor([0, 3, 64, 64]), .inference).shape == [0, 7])
    }

    /// With synchronised batch norm the sums of other ranks come in, but nothing of this rank goes out.
    @Test(arguments: BackendUnderTest.all)
    func emptySliceTakesOtherRanksStatistics(_ backend: BackendUnderTest) throws {
        let model = ResNet(Self.configuration, input: [2, 3, 64, 64], on: backend)
        try model.loadDeterministicWeights()
        let run = TrainingRun(model, images: Tensor([0, 3, 64, 64]), labels: [], globalBatch: 4)
        var sums: [Double] = []
        try run.differentiate { values in
            sums += values
            // Another rank of a forward pass: 8 elements a channel of mean 1/2 and variance 3/4.
            let channels = values.count / 2
            for c in 0..<channels { (values[c], values[channels + c]) = (4, 8) }
            values[2 * channels] = 8
        }
        #expect(!sums.isEmpty && sums.allSatisfy { $0 == 0 })
        #expect(model.arena.gradients.elements.allSatisfy { $0 == 0 })
        let (before, after) = (deterministicWeights("bn1.running_mean", shape: [64])[0], model.norms[0].runningMean[0])
        #expect(abs(after - (0.9 * before + 0.1 * 0.5)) < 1e-6)
    }

    @Test(arguments: BackendUnderTest.all, [[1, 3, 33, 33], [1, 3, 32, 32], [2, 3, 33, 47]])
    func smallAndOddImagesTrain(_ backend: BackendUnderTest, _ shape: [Int]) throws {
        let run = try Self.run(backend, shape)
        var losses: [Double] = []
        for _ in 0..<3 {
            losses.append(try run.differentiate().loss)
            #expect(run.model.arena.gradients.elements.allSatisfy { $0.isFinite })
            run.step(.usual)
        }
        #expect(losses[2] < losses[0], "\(losses)")
        #expect(run.model.arena.values.elements.allSatisfy { $0.isFinite })
        #expect(try run.evaluate().allSatisfy { $0.isFinite })
    }

    /// Sizes and paddings at odd sizes are the same in two implementations. Differences are relative to the largest
    /// logit or element of a parameter's gradient; 4.2e-6 and 3.4e-5 were measured.
    @Test(arguments: [[2, 3, 33, 33], [2, 3, 33, 47]])
    func backendsAgreeOnOddImages(_ shape: [Int]) throws {
        let runs = try BackendUnderTest.all.map { try Self.run($0, shape) }
        func difference(_ values: (TrainingRun) throws -> [Float]) rethrows -> Double {
            relativeDifference(try values(runs[0]), from: try values(runs[1]))
        }
        #expect(try difference { try $0.evaluate() } < 1e-5)
        #expect(try difference { try $0.differentiate().logits.elements } < 1e-5)
        for (index, parameter) in runs[0].model.parameters.enumerated() {
            let off = difference { $0.model.parameters[index].gradientElements }
            #expect(off < 1e-4, "\(parameter.name): \(off)")
        }
    }

    private static func run(_ backend: BackendUnderTest, _ shape: [Int]) throws -> TrainingRun {
        let model = ResNet(configuration, input: Shape(shape), on: backend)
        try model.loadDeterministicWeights()
        let images = Tensor(deterministicWeights("images", shape: shape), shape: Shape(shape))
        return TrainingRun(model, images: images, labels: Array([3, 5].prefix(shape[0])))
    }
}
