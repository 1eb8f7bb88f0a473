import Models
import Tensors

/// Grad-CAM (Selvaraju et al. 2017): where the evidence for a class is.
///
/// With A (C, H, W) the output of a stage and y the class's logit, α_c is the mean over positions of ∂y/∂A_c, and the map is
/// max(Σ_c α_c·A_c, 0), divided by its maximum. The gradient is the network's own backward with running statistics.
public struct GradCAM: Sendable {
    /// From 0 to 1, one an image; all zero where nothing speaks for the class.
    public let maps: [Heatmap]
    /// (N, classes), row-major.
    public let logits: Tensor
    /// That the maps are of, one an image.
    public let classes: [Int]

    /// Overwrites the gradients of the model's parameters.
    ///
    /// - Parameters:
    ///   - images: (N, 3, H, W), row-major, normalised.
    ///   - stage: whose output to look at, from 1.
    ///   - choosing: the class for image n from its logits; the most probable one if nil.
    public init(
        of model: ResNet, _ images: Tensor, stage: Int = ResNet.stageCount,
        choosing: ((_ image: Int, _ logits: [Float]) -> Int)? = nil
    ) throws {
        var classes: [Int] = []
        let score = try model.scoreGradient(images, stage: stage) { logits in
            let (all, count) = (logits.elements, logits.shape[1])
            classes = (0..<logits.shape.batch).map { n in
                let own = Array(all[n * count..<(n + 1) * count])
                return choosing?(n, own) ?? Self.greatest(own)
            }
            return classes
        }
        self.classes = classes
        logits = score.logits
        maps = Self.maps(score)
    }

    private static func maps(_ score: ScoreGradient) -> [Heatmap] {
        let shape = score.features.shape
        let (features, gradient) = (score.features.elements, score.gradient.elements)
        return (0..<shape.batch).map { n in
            var sum = [Float](repeating: 0, count: shape.positions)
            for channel in 0..<shape.channels {
                let plane = (n * shape.channels + channel) * shape.positions
                let weight = gradient[plane..<plane + shape.positions].reduce(0, +) / Float(shape.positions)
                for position in sum.indices { sum[position] += weight * features[plane + position] }
            }
            let peak = sum.max() ?? 0
            return Heatmap(
                width: shape.width, height: shape.height, values: sum.map { $0 > 0 ? $0 / peak : 0 })
        }
    }

    /// The position of the greatest element, of equal ones the first.
    private static func greatest(_ values: [Float]) -> Int {
        values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }
}
