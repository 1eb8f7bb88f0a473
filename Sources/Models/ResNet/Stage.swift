import Kernels
import Tensors

/// One of a ResNet's four stages: residual blocks of one width, and attention behind them if it is placed there.
final class Stage {
    private let name: String
    private let blocks: [ResidualBlock]
    private let attention: AttentionLayer?

    /// - Parameters:
    ///   - attention: makes a module for a name and a number of channels, or nil where there is none.
    ///   - placement: where it stands.
    init(
        _ name: String, input: Shape, width: Int, blocks count: Int, stride: Int, bottleneck: Bool,
        placement: ModelConfiguration.Placement, attention: (String, _ channels: Int) -> AttentionLayer?,
        backend: any Backend, generator: inout RandomGenerator
    ) {
        self.name = name
        var shape = input
        var blocks: [ResidualBlock] = []
        for index in 0..<count {
            let block = ResidualBlock(
                "\(name).\(index)", input: shape, width: width, stride: index == 0 ? stride : 1, bottleneck: bottleneck,
                attention: { placement == .block ? attention($0, $1) : nil }, backend: backend, generator: &generator)
            blocks.append(block)
            shape = block.outputShape
        }
        self.blocks = blocks
        self.attention = placement == .stage ? attention("\(name).attention", shape.channels) : nil
    }

    var outputShape: Shape { blocks[blocks.count - 1].outputShape }

    var parameters: [Parameter] { blocks.flatMap(\.parameters) + (attention?.parameters ?? []) }

    var units: [ConvolutionBatchNorm] { blocks.flatMap(\.units) }

    var foldableUnits: [ConvolutionBatchNorm] { blocks.flatMap(\.foldableUnits) }

    func forward(_ input: Tensor, _ pass: Pass) throws -> Tensor {
        let x = try blocks.reduce(input) { try $1.forward($0, pass) }
        return attention?.forward(FeatureMap(x), shortcut: nil, relu: false, pass) ?? x
    }

    /// What an inference's forward computes, as operations.
    func append(to graph: inout InferenceGraph, _ input: InferenceGraph.Value) -> InferenceGraph.Value {
        let x = blocks.reduce(input) { $1.append(to: &graph, $0) }
        graph.scope = "\(name).attention"
        return attention?.append(to: &graph, x) ?? x
    }

    /// Overwrites `outputGradient.first`.
    /// - Parameter completed: is told how many parameters more, from the stage's last one on, are done with.
    func backward(
        _ outputGradient: GradientSum, _ reduction: StatisticsReduction?, completed: (_ parameters: Int) -> Void
    ) throws -> GradientSum {
        var gradient = outputGradient
        if let attention {
            gradient = GradientSum(try attention.backward(gradient, norm: nil).input)
            completed(attention.parameters.count)
        }
        for block in blocks.reversed() {
            gradient = try block.backward(gradient, reduction)
            completed(block.parameters.count)
        }
        return gradient
    }

    var summaries: [LayerSummary] {
        blocks.flatMap(\.summaries)
            + (attention.map { [LayerSummary("\(name).attention", $0, shape: outputShape)] } ?? [])
    }
}
