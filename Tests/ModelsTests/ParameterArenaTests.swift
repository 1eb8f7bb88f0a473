import Kernels
import Models
import Tensors
import Testing

@Suite struct ParameterArenaTests {
    static let input: Shape = [2, 3, 64, 64]

    @Test(arguments: BackendUnderTest.all)
    func parametersLieInOneArenaLastLayerFirst(_ backend: BackendUnderTest) {
        let model = Self.model(backend)
        let arena = model.arena
        var end = arena.count
        for (index, parameter) in arena.parameters.enumerated() {
            let offset = parameter.value.pointer - arena.values.pointer
            #expect(parameter.gradient.pointer - arena.gradients.pointer == offset, "\(parameter.name)")
            #expect(arena.slice(of: arena.values, index).pointer == parameter.value.pointer, "\(parameter.name)")
            #expect(offset >= 0 && offset % 16 == 0, "\(parameter.name) starts at \(offset)")
            // Each parameter ends where the one before it in the model's order begins, but for the gap.
            let gap = end - offset - parameter.value.storageCount
            #expect((0..<16).contains(gap), "\(parameter.name) leaves \(gap)")
            end = offset
        }
        #expect(end == 0)
    }

    @Test(arguments: BackendUnderTest.all)
    func gapsStayZeroWhileTraining(_ backend: BackendUnderTest) throws {
        let model = Self.model(backend)
        let images = Tensor(deterministicWeights("images", shape: Self.input.dimensions), shape: Self.input)
        let run = TrainingRun(model, images: images, labels: [1, 4])
        for _ in 0..<3 {
            try run.differentiate()
            run.step(.usual)
        }
        let arena = model.arena
        for (name, tensor) in [("values", arena.values), ("gradients", arena.gradients), ("momenta", run.momenta)] {
            // What is not zero in memory must be an element: gaps and the padding of packed filters are not.
            let stored = tensor.elements.count { $0 != 0 }
            let elements = arena.parameters.enumerated().reduce(0) { sum, entry in
                sum + entry.element.rowMajor(arena.slice(of: tensor, entry.offset)).count { $0 != 0 }
            }
            #expect(stored == elements, "\(name)")
            #expect(stored > arena.count / 2, "\(name) are mostly zero")
        }
    }

    @Test(arguments: BackendUnderTest.all)
    func elementsAreThoseThatWereSet(_ backend: BackendUnderTest) {
        let model = Self.model(backend)
        for parameter in model.parameters {
            let values = deterministicWeights(parameter.name, shape: parameter.shape.dimensions)
            parameter.elements = values
            parameter.copy(values.map { -$0 }, to: parameter.gradient)
        }
        // Only once all are set, so that one that overlaps another shows.
        for parameter in model.parameters {
            let values = deterministicWeights(parameter.name, shape: parameter.shape.dimensions)
            #expect(parameter.elements == values, "\(parameter.name)")
            #expect(parameter.gradientElements == values.map { -$0 }, "\(parameter.name)")
        }
    }

    @Test func signatureNamesPlacementOnly() {
        let signature = Self.model(.accelerated, seed: 1).arena.signature
        #expect(Self.model(.accelerated, seed: 2).arena.signature == signature)
        #expect(Self.model(.reference).arena.signature != signature)
        #expect(Self.model(.accelerated, .resnet34).arena.signature != signature)
        #expect(Self.model(.accelerated, classes: 8).arena.signature != signature)
    }

    private static func model(
        _ backend: BackendUnderTest, _ architecture: ModelConfiguration.Architecture = .resnet18, classes: Int = 7,
        seed: UInt64 = 1
    ) -> ResNet {
        ResNet(
            ModelConfiguration(architecture: architecture, classes: classes), input: input, on: backend, seed: seed)
    }
}
