import Kernels
import Models
import Tensors
import Testing

/// A model's graph of operations, which exporters translate.
@Suite struct InferenceGraphTests {
    private static let shape: Shape = [2, 3, 48, 40]

    private func model(_ configuration: ModelConfiguration) throws -> ResNet {
        let model = ResNet(configuration, input: Self.shape, on: .reference)
        try model.loadDeterministicWeights()
        return model
    }

    /// Every module in both places, each with other options, and what is AAM's alone.
    static let configurations =
        ModelConfiguration.Attention.allCases.flatMap { attention in
            [
                ModelConfiguration(architecture: .resnet18, attention: attention, classes: 5),
                ModelConfiguration(
                    architecture: .resnet18, attention: attention, placement: .stage, channelKernel: .auto,
                    spatialKernel: 3, ratio: 8, classes: 5),
            ]
        } + [
            ModelConfiguration(architecture: .resnet18, fusion: .product, classes: 5),
            ModelConfiguration(architecture: .resnet50, classes: 5),
        ]

    /// Every module describes what it computes: the graph's results are the model's.
    @Test(arguments: configurations) func computesTheModelsLogits(_ configuration: ModelConfiguration) throws {
        let model = try model(configuration)
        let images = Tensor(deterministicWeights("images", shape: Self.shape.dimensions), shape: Self.shape)
        let expected = try model.forward(images, .inference).elements
        for graph in [model.inferenceGraph, model.inferenceGraph.foldingBatchNorms()] {
            let difference = relativeDifference(GraphInterpreter().output(of: graph, images), from: expected)
            #expect(difference <= 1e-5, "\(difference)")
        }
    }

    @Test(arguments: [ModelConfiguration.Architecture.resnet18, .resnet50])
    func holdsTheModelsStateUnderItsNames(_ architecture: ModelConfiguration.Architecture) throws {
        let model = try model(ModelConfiguration(architecture: architecture, attention: .cbam, classes: 5))
        let constants = Dictionary(uniqueKeysWithValues: model.inferenceGraph.constants.map { ($0.name, $0) })
        let state = model.state.filter { !$0.name.hasSuffix("num_batches_tracked") }
        #expect(Set(constants.keys) == Set(state.map(\.name)))
        for entry in state {
            let constant = try #require(constants[entry.name])
            #expect(constant.shape == entry.shape && constant.elements == entry.values.floats, "\(entry.name)")
        }
    }

    @Test func foldingLeavesNoBatchNormAndAddsABiasToEachConvolutionBeforeOne() throws {
        let model = try model(ModelConfiguration(architecture: .resnet18, attention: .aam, classes: 5))
        let (graph, folded) = (model.inferenceGraph, model.inferenceGraph.foldingBatchNorms())
        func norms(_ graph: InferenceGraph) -> Int {
            graph.nodes.count { if case .batchNorm = $0.operation { true } else { false } }
        }
        #expect(norms(graph) == 20 && norms(folded) == 0)
        #expect(folded.nodes.count == graph.nodes.count - 20)
        let names = folded.constants.map(\.name)
        #expect(names.contains("layer2.0.downsample.0.bias") && !names.contains { $0.contains(".bn") })
        #expect(!names.contains("layer1.0.attention.spatial.bias"))
    }

    @Test func nodesStandBehindWhatTheyReadAndHaveNamesOfTheirOwn() throws {
        for attention in ModelConfiguration.Attention.allCases {
            let model = try model(ModelConfiguration(architecture: .resnet18, attention: attention, classes: 5))
            var known: Set = [InferenceGraph.images]
            for node in model.inferenceGraph.nodes {
                #expect(known.isSuperset(of: node.inputs), "\(node.output)")
                #expect(known.insert(node.output).inserted, "\(node.output)")
            }
        }
    }
}
