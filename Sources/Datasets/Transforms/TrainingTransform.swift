import Foundation
import Tensors

/// Random resized crop and horizontal flip (Szegedy et al., 2015), with torchvision's rules.
///
/// Up to ten times: a part of the area, uniform in `scale`, and an aspect ratio, uniform in its logarithm over `ratio`,
/// give a width and a height; if they fit, the place is uniform. If none fits: the largest centred part of an allowed
/// ratio. The part is resized to imageSize × imageSize and mirrored with a probability. Colours are changed and a rectangle
/// is erased where that is asked for.
public struct TrainingTransform: ImageTransform {
    /// Side of the result, in pixels.
    public let imageSize: Int
    /// Least and greatest part of the area.
    public let scale: ClosedRange<Double>
    /// Least and greatest width / height.
    public let ratio: ClosedRange<Double>
    /// Of mirroring left to right.
    public let flipProbability: Double
    /// How colours change; nil for not at all.
    public let jitter: ColorJitter?
    /// What is erased; nil for nothing.
    public let erasing: RandomErasing?
    /// Cut to the box first.
    public let croppingToBox: Bool

    /// torchvision's defaults; no change of colours and nothing erased.
    public init(
        imageSize: Int, scale: ClosedRange<Double> = 0.08...1, ratio: ClosedRange<Double> = 3.0 / 4...4.0 / 3,
        flipProbability: Double = 0.5, jitter: ColorJitter? = nil, erasing: RandomErasing? = nil,
        croppingToBox: Bool = false
    ) {
        precondition(imageSize > 0, "an image size of \(imageSize)")
        precondition(scale.lowerBound > 0 && ratio.lowerBound > 0, "crop scale and ratio must be above 0")
        self.imageSize = imageSize
        self.scale = scale
        self.ratio = ratio
        self.flipProbability = flipProbability
        self.jitter = jitter
        self.erasing = erasing
        self.croppingToBox = croppingToBox
    }

    public var outputSize: ImageSize? { ImageSize(width: imageSize, height: imageSize) }

    public func apply(to image: RGBImage, box: BoundingBox?, using generator: inout RandomGenerator) -> RGBImage {
        let region = NativeTransform(croppingToBox: croppingToBox).region(ofImageOf: image.size, box: box)
        let crop = crop(ofImageOf: region.size, using: &generator)
        let resized = image.resized(
            to: ImageSize(width: imageSize, height: imageSize),
            from: PixelRect(x: region.x + crop.x, y: region.y + crop.y, width: crop.width, height: crop.height))
        let turned = generator.uniform() < flipProbability ? resized.flippedHorizontally() : resized
        return jitter?.apply(to: turned, using: &generator) ?? turned
    }

    public func erasedRegion(ofImageOf size: ImageSize, using generator: inout RandomGenerator) -> PixelRect? {
        erasing?.region(ofImageOf: size, using: &generator)
    }

    /// Where to cut an image of the given size.
    public func crop(ofImageOf size: ImageSize, using generator: inout RandomGenerator) -> PixelRect {
        let area = Double(size.width * size.height)
        for _ in 0..<10 {
            let target = area * generator.uniform(scale.lowerBound, scale.upperBound)
            let aspect = exp(generator.uniform(log(ratio.lowerBound), log(ratio.upperBound)))
            let width = Int((target * aspect).squareRoot().rounded(.toNearestOrEven))
            let height = Int((target / aspect).squareRoot().rounded(.toNearestOrEven))
            if width > 0, height > 0, width <= size.width, height <= size.height {
                let y = generator.index(below: size.height - height + 1)
                let x = generator.index(below: size.width - width + 1)
                return PixelRect(x: x, y: y, width: width, height: height)
            }
        }
        return centralCrop(ofImageOf: size)
    }

    private func centralCrop(ofImageOf size: ImageSize) -> PixelRect {
        let aspect = Double(size.width) / Double(size.height)
        var (width, height) = (size.width, size.height)
        if aspect < ratio.lowerBound {
            height = max(1, Int((Double(width) / ratio.lowerBound).rounded(.toNearestOrEven)))
        } else if aspect > ratio.upperBound {
            width = max(1, Int((Double(height) * ratio.upperBound).rounded(.toNearestOrEven)))
        }
        return PixelRect(
            x: (size.width - width) / 2, y: (size.height - height) / 2, width: width, height: height)
    }
}
