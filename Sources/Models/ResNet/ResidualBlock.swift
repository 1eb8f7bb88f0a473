import Kernels
import Tensors
import Tracing

/// A residual block (He et al. 2016) in torchvision's form: basic (two 3x3) or bottleneck (1x1, 3x3 with the stride,
/// 1x1), with a 1x1 projection on the shortcut where the shape changes, and attention on the last batch norm's output.
final class ResidualBlock {
    private let branch: [ConvolutionBatchNorm]
    private let projection: ConvolutionBatchNorm?
    private let join: ResidualJoin
    private let backend: any Backend
    private let name: String

    /// The channels that a block of inner width `width` puts out.
    static func outputChannels(width: Int, bottleneck: Bool) -> Int { bottleneck ? 4 * width : width }

    init(
        _ name: String, input: Shape, width: Int, stride: Int, bottleneck: Bool,
        attention: (String, _ channels: Int) -> AttentionLayer?, backend: any Backend,
        generator: inout RandomGenerator
    ) {
        let inner = input.channels
        let outer = Self.outputChannels(width: width, bottleneck: bottleneck)
        let plan: [ConvolutionGeometry] =
            bottleneck
            ? [
                ConvolutionGeometry(inputChannels: inner, outputChannels: width, kernel: 1),
                ConvolutionGeometry(inputChannels: width, outputChannels: width, kernel: 3, stride: stride, padding: 1),
                ConvolutionGeometry(inputChannels: width, outputChannels: outer, kernel: 1),
            ]
            : [
                ConvolutionGeometry(inputChannels: inner, outputChannels: width, kernel: 3, stride: stride, padding: 1),
                ConvolutionGeometry(inputChannels: width, outputChannels: outer, kernel: 3, padding: 1),
            ]
        var shape = input
        var branch: [ConvolutionBatchNorm] = []
        for (index, geometry) in plan.enumerated() {
            let unit = ConvolutionBatchNorm(
                convolution: "\(name).conv\(index + 1)", norm: "\(name).bn\(index + 1)", geometry,
                relu: index < plan.count - 1, input: shape, backend: backend, generator: &generator)
            branch.append(unit)
            shape = unit.outputShape
        }
        self.branch = branch
        self.name = name
        self.backend = backend
        if stride != 1 || inner != outer {
            projection = ConvolutionBatchNorm(
                convolution: "\(name).downsample.0", norm: "\(name).downsample.1",
                ConvolutionGeometry(inputChannels: inner, outputChannels: outer, kernel: 1, stride: stride),
                relu: false, input: input, backend: backend, generator: &generator)
        } else {
            projection = nil
        }
        join = ResidualJoin(attention: attention("\(name).attention", outer), backend: backend)
    }

    var outputShape: Shape { branch[branch.count - 1].outputShape }

    /// In torchvision's order, attention last.
    var parameters: [Parameter] {
        units.flatMap(\.parameters) + (join.attention?.parameters ?? [])
    }

    /// The projection last, as torchvision has it.
    var units: [ConvolutionBatchNorm] { branch + (projection.map { [$0] } ?? []) }

    func forward(_ input: Tensor, _ pass: Pass) throws -> Tensor {
        let x = try branch.dropLast().reduce(input) { try $1.forward($0, pass) }
        let features = try last.features(x, pass)
        let shortcut = try projection?.features(input, pass) ?? FeatureMap(input)
        return backend.recorder.span("\(name) \(join.title) forward", "forward") {
            join.forward(features, shortcut: shortcut, pass)
        }
    }

    /// Overwrites `outputGradient.first`.
    func backward(_ outputGradient: GradientSum, _ reduction: StatisticsReduction?) throws -> GradientSum {
        let (input, shortcut) = try backend.recorder.span("\(name) \(join.title) backward", "backward") {
            try join.backward(outputGradient) { [last] in try last.norm.setGradients($0, reduction: reduction) }
        }
        var gradient = last.convolution.backward(input)
        for unit in branch.dropLast().reversed() { gradient = try unit.backward(gradient, reduction) }
        return GradientSum(gradient, try projection?.backward(shortcut, reduction) ?? shortcut)
    }

    /// What an inference's forward computes, as operations.
    func append(to graph: inout InferenceGraph, _ input: InferenceGraph.Value) -> InferenceGraph.Value {
        graph.scope = name
        let x = branch.reduce(input) { $1.append(to: &graph, $0) }
        let shortcut = projection?.append(to: &graph, input) ?? input
        graph.scope = "\(name).attention"
        let features = join.attention?.append(to: &graph, x) ?? x
        graph.scope = name
        return graph.append(.relu, graph.append(.sum, features, shortcut))
    }

    /// Those that put out what their norm makes of their convolution's output.
    var foldableUnits: [ConvolutionBatchNorm] { branch.dropLast() }

    /// The branch's last convolution, whose norm the join applies.
    private var last: ConvolutionBatchNorm { branch[branch.count - 1] }

    var summaries: [LayerSummary] {
        var rows = units.flatMap(\.summaries)
        if let attention = join.attention {
            rows.append(LayerSummary("\(name).attention", attention, shape: outputShape))
        }
        rows.append(
            LayerSummary(
                name: name, kind: "add + relu", outputShape: outputShape, parameters: 0,
                operations: 2 * outputShape.elementCount))
        return rows
    }
}
