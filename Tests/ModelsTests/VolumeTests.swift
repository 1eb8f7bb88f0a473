import Kernels
import Models
import Tensors
import Testing

/// Attention on (N, C, D, H, W), against PyTorch.
@Suite struct VolumeTests {
    private struct Fixture: Decodable {
        let shape: [Int]
        let stride: Int
        let cases: [Case]
    }

    private struct Case: Decodable {
        let module: String
        let y: Summary
        let dx: Summary
        let gradients: [String: Summary]
    }

    private struct Summary: Decodable {
        let shape: [Int]
        let squares: Double
        let values: [Double]
    }

    private let fixture: Fixture
    private let input: Tensor
    private static let backends: [BackendUnderTest] = [.accelerated, .reference]
    private var generator = RandomGenerator(1)

    init() throws {
        fixture = try loadPyTorchFixture("volumes")
        input = Tensor(deterministicWeights("images/volume", shape: fixture.shape), shape: Shape(fixture.shape))
    }

    private func given(_ shape: Shape) -> Tensor {
        Tensor(deterministicWeights("images/g", shape: shape.dimensions), shape: shape)
    }

    @Test(arguments: backends) mutating func channelAttentionKeepsTheDepth(_ backend: BackendUnderTest) throws {
        let module = VolumeChannelAttention("attention", channels: 256, backend: backend.make(), generator: &generator)
        load(module.parameters)
        let map = module.map(of: input, training: true)
        print("channel attention of \(input.shape): \(map.shape)")
        #expect(map.shape == [2, 256, 4, 1, 1])
        try expect(map, module.backward(given(map.shape)), module.parameters, toBe: "channel")
    }

    @Test(arguments: backends, [3, 7])
    mutating func spatialAttentionWeighsEveryPositionOfTheVolume(_ backend: BackendUnderTest, kernel: Int) throws {
        let module = VolumeSpatialAttention("attention", kernel: kernel, backend: backend.make(), generator: &generator)
        load(module.parameters)
        let map = module.map(of: input, training: true)
        print("spatial attention of \(input.shape) with kernel \(kernel): \(map.shape)")
        #expect(map.shape == [2, 1, 4, 8, 8])
        try expect(map, module.backward(given(map.shape)), module.parameters, toBe: "spatial \(kernel)")
    }

    @Test(arguments: backends, [3, 7])
    mutating func blockAttentionKeepsTheShape(_ backend: BackendUnderTest, kernel: Int) throws {
        let module = VolumeBlockAttention(
            "attention", channels: 256, kernel: kernel, backend: backend.make(), generator: &generator)
        load(module.parameters)
        let output = module.forward(input, training: true)
        print("CBAM of \(input.shape) with kernel \(kernel): \(output.shape)")
        #expect(output.shape == [2, 256, 4, 8, 8])
        try expect(output, module.backward(given(output.shape)), module.parameters, toBe: "cbam \(kernel)")
        #expect(module.forward(input, training: false).elements == output.elements)
    }

    private func load(_ parameters: [Parameter]) {
        for parameter in parameters {
            parameter.elements = deterministicWeights(parameter.name, shape: parameter.shape.dimensions)
        }
    }

    private func expect(_ y: Tensor, _ dx: Tensor, _ parameters: [Parameter], toBe name: String) throws {
        let item = try #require(fixture.cases.first { $0.module == name })
        #expect(y.shape.dimensions == item.y.shape && dx.shape.dimensions == item.dx.shape)
        expect(y.elements, item.y, "\(name): y")
        expect(dx.elements, item.dx, "\(name): dx")
        #expect(Set(parameters.map(\.name)) == Set(item.gradients.keys))
        for parameter in parameters {
            let expected = try #require(item.gradients[parameter.name])
            // Linear weights are PyTorch's 1 × 1 × 1 kernels without the ones.
            #expect(parameter.shape.elementCount == expected.shape.reduce(1, *))
            expect(parameter.gradientElements, expected, "\(name): gradient of \(parameter.name)")
        }
    }

    private func expect(_ got: [Float], _ expected: Summary, _ what: String) {
        let step = got.count > 4096 ? fixture.stride : 1 + got.count / 256
        let sampled = stride(from: 0, to: got.count, by: step).map { Double(got[$0]) }
        #expect(relativeDifference(sampled, from: expected.values) < 1e-5, "\(what)")
        let squares = got.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(squares - expected.squares) < 1e-5 * expected.squares, "\(what)")
    }
}
