import Kernels
import Models
import Tensors
import Testing

@Suite struct SteadyStateTests {
    @Test(arguments: BackendUnderTest.all, ModelConfiguration.Placement.allCases)
    func trainingTakesNoMemoryFromTheSystemAfterTwoSteps(
        _ backend: BackendUnderTest, _ placement: ModelConfiguration.Placement
    ) throws {
        let shape = [2, 3, 64, 64]
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, placement: placement, classes: 7), input: Shape(shape),
            on: backend)
        let images = Tensor(deterministicWeights("images", shape: shape), shape: Shape(shape))
        let run = TrainingRun(model, images: images, labels: [1, 4])
        var allocations: [Int] = []
        var bytesInUse: [Int] = []
        for _ in 0..<6 {
            try run.differentiate()
            run.step(.usual)
            allocations.append(model.backend.pool.statistics.systemAllocations)
            bytesInUse.append(model.backend.pool.statistics.bytesInUse)
        }
        #expect(allocations[0] > 0)
        #expect(Set(allocations[1...]).count == 1, "\(allocations)")
        #expect(Set(bytesInUse).count == 1, "\(bytesInUse)")
        // A backward lets go of every activation that the forward kept.
        #expect(bytesInUse[0] < 1 << 20, "\(bytesInUse[0]) bytes are still in use after a step")
    }

    @Test(arguments: BackendUnderTest.all)
    func inferenceKeepsNothing(_ backend: BackendUnderTest) throws {
        let shape = [2, 3, 64, 64]
        let model = ResNet(
            ModelConfiguration(architecture: .resnet18, classes: 7), input: Shape(shape), on: backend)
        let before = model.backend.pool.statistics.bytesInUse
        let images = Tensor(deterministicWeights("images", shape: shape), shape: Shape(shape))
        let logits = try model.forward(images, .inference)
        #expect(logits.elements.allSatisfy { $0.isFinite })
        let kept = model.backend.pool.statistics.bytesInUse - before
        // The logits themselves, in the pool's smallest block.
        #expect(kept <= 64, "\(kept) bytes")
    }
}
