import Tensors
import Tracing

/// The operations a model is made of, each as a forward and a backward.
///
/// Shapes are logical; (N, C, H, W) tensors that a backend makes or takes have its `activationLayout` (the first
/// convolution also takes row-major images), everything else is row-major unless a comment says otherwise. Results are
/// new tensors from `pool`. Gradients that are written into a given tensor overwrite it. A wrong shape is a
/// programmer's mistake and traps.
///
/// A backend is used by one thread at a time; its kernels use `threads` threads.
public protocol Backend: AnyObject {
    /// As `--backend` names it.
    var name: String { get }
    /// The layout of every (N, C, H, W) activation.
    var activationLayout: Layout { get }
    /// Where results come from.
    var pool: StoragePool { get }
    /// Threads a kernel may use.
    var threads: Int { get }
    /// Where the layers that use this backend record what they do, if anywhere.
    var recorder: SpanRecorder? { get set }

    // MARK: Convolution

    /// The layout in which `convolution` reads a filter (O, I, KH, KW) without reordering it. `input` is the shape of
    /// the input that the filter will mostly meet.
    func filterLayout(for geometry: ConvolutionGeometry, input: Shape) -> Layout

    /// Copies elements between a row-major tensor and one in any of this backend's layouts, in either direction.
    func copyElements(from source: Tensor, to destination: Tensor)

    /// What does as `copyElements` on another thread while this backend computes; it knows the filter layouts that this
    /// backend has chosen so far.
    func makeElementCopier() -> any ElementCopier

    /// y[n,o,i,j] = Σ_{c,u,v} w[o,c,u,v] · x[n,c,i·s+u-p,j·s+v-p]
    func convolution(_ input: Tensor, filter: Tensor, geometry: ConvolutionGeometry) -> Tensor

    /// dL/dx of `convolution`, shape `inputShape`.
    func convolutionInputGradient(
        _ outputGradient: Tensor, filter: Tensor, inputShape: Shape, geometry: ConvolutionGeometry
    ) -> Tensor

    /// dL/dw of `convolution`, written into `filterGradient`, which has the filter's layout.
    func convolutionFilterGradient(
        _ outputGradient: Tensor, input: Tensor, into filterGradient: Tensor, geometry: ConvolutionGeometry)

    // MARK: Batch normalisation (Ioffe and Szegedy, 2015)
    // In four steps, because synchronised batch norm adds sums over ranks between the first two and the last two.

    /// Per channel: Σx and Σx² over N, H, W, accurate enough that Σx²/m - (Σx/m)² is the variance.
    func batchNormSums(_ input: Tensor) -> ChannelSums

    /// y = γ·(x - mean)·inverseDeviation + β, then max(y, 0) if `relu`. Evaluated as a·x + b with
    /// a = γ·inverseDeviation and b = β - mean·a, all in Float; a fused multiply-add is the backend's choice, but every
    /// pass makes the same one, so that the recomputed masks are those of y. Overwrites `input`, if `inPlace`, and
    /// returns it.
    func batchNorm(_ input: Tensor, _ normalization: Normalization, relu: Bool, inPlace: Bool) -> Tensor

    /// Per channel: Σg (dL/dβ) and Σg·x̂ (dL/dγ), where x̂ = (x - mean)·inverseDeviation and g is `outputGradient`,
    /// zero where `relu` made y zero (the mask is recomputed from x).
    func batchNormGradientSums(
        _ outputGradient: Tensor, input: Tensor, _ normalization: Normalization, relu: Bool
    ) -> ChannelSums

    /// dL/dx = γ·inverseDeviation·(g - Σg/m - x̂·Σgx̂/m), with `sums` and m = `count` over all that was normalised
    /// together. Overwrites `outputGradient`, if `inPlace`, and returns it.
    func batchNormInputGradient(
        _ outputGradient: Tensor, input: Tensor, _ normalization: Normalization, relu: Bool, sums: ChannelSums,
        count: Double, inPlace: Bool
    ) -> Tensor

    /// `batchNorm` of `convolution`, to be run on many inputs in inference. Where the backend folds the normalisation
    /// into the filter, results differ from the two operations' by rounding.
    func inferenceConvolution(
        filter: Tensor, _ normalization: Normalization, relu: Bool, geometry: ConvolutionGeometry
    ) -> any InferenceConvolution

    // MARK: Elementwise

    /// max(x, 0). NaN stays NaN, here and wherever an operation has a `relu`, so that a diverged model shows in its
    /// loss.
    func relu(_ input: Tensor) -> Tensor

    /// g where `output` > 0, else 0. Overwrites `outputGradient.first` and returns it.
    func reluGradient(_ outputGradient: GradientSum, output: Tensor) -> Tensor

    /// a + b, then max(·, 0) if `relu`. Its gradient, for both, is g or `reluGradient`. Overwrites a's values, if
    /// `inPlace`, and returns them.
    func add(_ a: FeatureMap, _ b: FeatureMap, relu: Bool, inPlace: Bool) -> Tensor

    /// The two gradients added. Overwrites `gradient.first` and returns it.
    func total(_ gradient: GradientSum) -> Tensor

    // MARK: Pooling and classification

    /// Maximum of each window. `trace` holds what the backward needs if `training`.
    func maxPool(_ input: Tensor, _ geometry: PoolingGeometry, training: Bool) -> (output: Tensor, trace: PoolingTrace?)

    /// Each window's gradient goes to its maximum; of equal maxima, to the first in row-major order.
    func maxPoolGradient(_ outputGradient: Tensor, trace: PoolingTrace) -> Tensor

    /// (N, C, H, W) -> row-major (N, C): mean over positions.
    func globalAveragePool(_ input: Tensor) -> Tensor

    /// Row-major (N, C) -> (N, C, H, W).
    func globalAveragePoolGradient(_ outputGradient: Tensor, inputShape: Shape) -> Tensor

    /// y = x·wᵀ + b; x (N, I), w (O, I), b (O), y (N, O), all row-major.
    func linear(_ input: Tensor, weight: Tensor, bias: Tensor) -> Tensor

    /// dL/dx; writes dL/dw and dL/db into the given tensors.
    func linearGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor, biasGradient: Tensor
    ) -> Tensor

    // MARK: Attention
    // The passes over whole feature maps that attention modules are composed of.

    /// Of F (N, C, H, W), or of F·Mc if `channelMap` (N, C) is given: per channel the maximum over positions and where
    /// it is; per position the mean and maximum over channels and where that is. Of equal maxima, the first. Where they
    /// are may be left out unless `training`.
    func attentionStatistics(_ input: FeatureMap, scaledBy channelMap: Tensor?, training: Bool) -> AttentionStatistics

    /// dL/dMc (N, C) through the position maps of `statistics`, which are of F·Mc; `positionMaps` is their gradient.
    func attentionScaleGradient(
        _ positionMaps: Tensor, of statistics: AttentionStatistics, input: FeatureMap
    ) -> Tensor

    /// y = F·(Mc + Ms) or F·Mc·Ms, + `shortcut` if given, then max(·, 0) if `relu`. Overwrites F's values, if `inPlace`,
    /// and returns them.
    func attend(
        _ input: FeatureMap, _ maps: AttentionMaps, shortcut: FeatureMap?, relu: Bool, inPlace: Bool
    ) -> Tensor

    /// First backward pass of `attend`: g = `outputGradient`, zero where `relu` made `output` zero, which is also
    /// dL/dshortcut; dL/dMc (N, C) and dL/dMs (N, H·W). Overwrites `outputGradient.first`, which becomes g.
    func attendMapGradients(
        _ outputGradient: GradientSum, output: Tensor, input: FeatureMap, _ maps: AttentionMaps, relu: Bool
    ) -> (gradient: Tensor, channelMap: Tensor, positionMap: Tensor)

    /// Second backward pass of `attend` together with the backward of what the maps were made from: dL/dF = g·(Mc + Ms)
    /// or g·Mc·Ms, plus the gradients of the statistics, each sent where the statistic came from.
    func attendInputGradient(_ gradient: Tensor, _ maps: AttentionMaps, _ statistics: StatisticsGradient) -> Tensor

    /// `batchNormGradientSums` of `attendInputGradient`, which is not stored: Σ dL/dF and Σ dL/dF·x̂ per channel.
    /// - Precondition: `input` is normalised.
    func attendNormGradientSums(
        _ gradient: Tensor, input: FeatureMap, _ maps: AttentionMaps, _ statistics: StatisticsGradient
    ) -> ChannelSums

    /// `batchNormInputGradient` of `attendInputGradient`, which is not stored: dL/dx of F's values x.
    /// - Precondition: `input` is normalised.
    func attendNormInputGradient(
        _ gradient: Tensor, input: FeatureMap, _ maps: AttentionMaps, _ statistics: StatisticsGradient,
        sums: ChannelSums, count: Double
    ) -> Tensor

    /// y[n,c] = Σ_j w[j] · x[n,c+j-⌊k/2⌋] with zeros outside; x (N, C), w (k), k odd.
    func channelConvolution(_ input: Tensor, weight: Tensor) -> Tensor

    /// dL/dx; writes dL/dw into `weightGradient`.
    func channelConvolutionGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor
    ) -> Tensor

    /// y[n,p] = the k × k convolution, zero padded to the same size, of the two planes x (N, 2, H, W), row-major,
    /// with w (1, 2, k, k), k odd; y (N, H·W).
    func mapConvolution(_ input: Tensor, weight: Tensor) -> Tensor

    /// dL/dx (N, 2, H, W), row-major; writes dL/dw into `weightGradient`. `outputGradient` is (N, H·W).
    func mapConvolutionGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor
    ) -> Tensor
}
