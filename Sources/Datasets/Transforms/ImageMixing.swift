import Tensors

/// Mixup (Zhang et al., 2018) and CutMix (Yun et al., 2019): an image gets a part of another training image, and its label a
/// part of the other's.
///
/// λ is drawn from Beta(α, α) for each image. Mixup: λ·x + (1 - λ)·other. CutMix: a rectangle of the other image with
/// √(1 - λ) of the sides, its centre uniform, cut off at the edges; the label's weight is the part of the area that remains.
/// Where both are asked for, each has half of the mixed images. The other image is any of the list, drawn by the image
/// itself, so that batches and ranks have no part in it.
public struct ImageMixing: Sendable, Hashable {
    /// α; 0 for none.
    public let mixup, cutmix: Double
    /// The part of the images that are mixed.
    public let probability: Double

    /// - Precondition: one of both is above 0.
    public init(mixup: Double = 0, cutmix: Double = 0, probability: Double = 1) {
        precondition(min(mixup, cutmix) >= 0 && mixup + cutmix > 0, "nothing to mix with: α is \(mixup) and \(cutmix)")
        precondition((0...1).contains(probability), "a probability of \(probability)")
        self.mixup = mixup
        self.cutmix = cutmix
        self.probability = probability
    }

    /// How one image is mixed with another; nil for an image that stays as it is.
    /// - Parameter count: of the images that the other is drawn from.
    func draw(count: Int, size: ImageSize, using generator: inout RandomGenerator) -> ImageMix? {
        guard generator.uniform() < probability else { return nil }
        let other = generator.index(below: count)
        let pastes = mixup > 0 && cutmix > 0 ? generator.uniform() < 0.5 : cutmix > 0
        guard pastes else { return ImageMix(other: other, region: nil, weight: generator.symmetricBeta(mixup)) }
        let side = (1 - generator.symmetricBeta(cutmix)).squareRoot()
        let region = Self.region(
            side: side, x: generator.index(below: size.width), y: generator.index(below: size.height), size: size)
        let part = Double(region.width * region.height) / Double(size.width * size.height)
        return ImageMix(other: other, region: region, weight: 1 - part)
    }

    /// The part of the image within `side` of its sides around a centre; it may be empty.
    static func region(side: Double, x: Int, y: Int, size: ImageSize) -> PixelRect {
        func range(_ centre: Int, _ length: Int) -> Range<Int> {
            let half = Int(Double(length) * side) / 2
            return max(0, centre - half)..<min(length, centre + half)
        }
        let (columns, rows) = (range(x, size.width), range(y, size.height))
        return PixelRect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    }
}

/// How one image is mixed with another.
struct ImageMix {
    /// Position in the list of samples.
    let other: Int
    /// What is replaced; nil for a weighted sum of all pixels.
    let region: PixelRect?
    /// The image's own part.
    let weight: Double

    /// Mixes `other`, (1, 3, H, W), into image `n` of `images`, (N, 3, H, W), both row-major.
    func apply(_ other: Tensor, to images: Tensor, at n: Int) {
        let (height, width) = (images.shape.height, images.shape.width)
        let whole = PixelRect(ImageSize(width: width, height: height))
        let region = region ?? whole
        let (own, rest): (Float, Float) = self.region == nil ? (Float(weight), Float(1 - weight)) : (0, 1)
        other.withUnsafeBufferPointer { source in
            images.withUnsafeMutableBufferPointer { destination in
                for channel in 0..<3 {
                    for y in region.y..<region.y + region.height {
                        let from = (channel * height + y) * width
                        let to = n * 3 * height * width + from
                        for x in region.x..<region.x + region.width {
                            destination[to + x] = own * destination[to + x] + rest * source[from + x]
                        }
                    }
                }
            }
        }
    }
}

/// The second label of an image that was mixed with another.
public struct LabelMix: Sendable, Hashable {
    /// The other image's label.
    public let other: Int32
    /// The image's own label's weight; `other` has the rest.
    public let weight: Double

    /// A second label and the first one's weight.
    public init(other: Int32, weight: Double) {
        self.other = other
        self.weight = weight
    }
}
