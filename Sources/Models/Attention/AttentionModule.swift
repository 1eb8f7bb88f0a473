import Kernels
import Tensors

/// How an attention module reweights a feature map F (N, C, H, W): which maps it makes of F, and what their gradients
/// mean for F. Applying the maps is `AttentionLayer`'s.
///
/// A new module is a file with a class that conforms, and a case of `ModelConfiguration.Attention`.
public protocol AttentionModule: AnyObject {
    /// - Parameters:
    ///   - name: what its parameters' names begin with.
    ///   - channels: C.
    ///   - configuration: holds the module's options.
    ///   - backend: makes the statistics of feature maps, and their convolutions.
    ///   - generator: of initial weights.
    init(
        _ name: String, channels: Int, _ configuration: ModelConfiguration, backend: any Backend,
        generator: inout RandomGenerator)

    /// In the order of the forward.
    var parameters: [Parameter] { get }

    /// The channel and the position map of F; one that the module has not is all ones.
    func maps(of input: FeatureMap, training: Bool) -> AttentionMaps

    /// The same maps as operations: of the feature map F that is `features` in the graph.
    func maps(of features: InferenceGraph.Value, in graph: inout InferenceGraph) -> AttentionValues

    /// Sets the parameters' gradients, and returns those of what the maps were made from.
    /// - Parameters:
    ///   - channelMap: dL/dMc (N, C).
    ///   - positionMap: dL/dMs (N, H·W).
    func backward(channelMap: Tensor, positionMap: Tensor) -> StatisticsGradient

    /// Floating-point operations that make the maps of an input of this shape; a multiply-add counts as two.
    func operations(for input: Shape) -> Int
}
