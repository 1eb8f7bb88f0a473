import Foundation
import Tensors

/// Random erasing (Zhong et al., 2017) with torchvision's rules.
///
/// With a probability, and up to ten times: a part of the area, uniform in `scale`, and a height / width, uniform in its
/// logarithm over `ratio`, give a rectangle; the first that is smaller than the image in both directions gets a uniform
/// place and the mean colour, which is 0 after normalisation. If none is, nothing is erased.
public struct RandomErasing: Sendable, Hashable {
    /// Of erasing anything.
    public let probability: Double
    /// Least and greatest part of the area, and height / width.
    public let scale, ratio: ClosedRange<Double>

    /// torchvision's defaults for scale and ratio.
    public init(
        probability: Double, scale: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3
    ) {
        precondition((0...1).contains(probability), "a probability of \(probability)")
        precondition(scale.lowerBound > 0 && ratio.lowerBound > 0, "erased parts and their ratio must be above 0")
        self.probability = probability
        self.scale = scale
        self.ratio = ratio
    }

    /// What to erase of an image of the given size, if anything.
    public func region(ofImageOf size: ImageSize, using generator: inout RandomGenerator) -> PixelRect? {
        guard generator.uniform() < probability else { return nil }
        let area = Double(size.width * size.height)
        for _ in 0..<10 {
            let target = area * generator.uniform(scale.lowerBound, scale.upperBound)
            let aspect = exp(generator.uniform(log(ratio.lowerBound), log(ratio.upperBound)))
            let height = Int((target * aspect).squareRoot().rounded(.toNearestOrEven))
            let width = Int((target / aspect).squareRoot().rounded(.toNearestOrEven))
            if width > 0, height > 0, width < size.width, height < size.height {
                let y = generator.index(below: size.height - height + 1)
                let x = generator.index(below: size.width - width + 1)
                return PixelRect(x: x, y: y, width: width, height: height)
            }
        }
        return nil
    }
}
