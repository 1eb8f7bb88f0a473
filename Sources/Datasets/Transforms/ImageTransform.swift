import Tensors

/// Makes the network's input of a decoded image: cutting and scaling. The pixel values are `PixelNormalization`'s
/// business.
public protocol ImageTransform: Sendable {
    /// The size of every result; nil if it depends on the image.
    var outputSize: ImageSize? { get }

    /// - Parameters:
    ///   - image: upright.
    ///   - box: the object's box, if known.
    ///   - generator: the source of all randomness; the result depends on nothing else.
    func apply(to image: RGBImage, box: BoundingBox?, using generator: inout RandomGenerator) -> RGBImage

    /// What of the result is replaced by the mean colour, if anything; drawn after `apply`.
    func erasedRegion(ofImageOf size: ImageSize, using generator: inout RandomGenerator) -> PixelRect?
}

extension ImageTransform {
    public func erasedRegion(ofImageOf size: ImageSize, using generator: inout RandomGenerator) -> PixelRect? { nil }
}

/// The image unchanged, or its box: evaluation at native resolution.
public struct NativeTransform: ImageTransform {
    /// Cut to the box first.
    public let croppingToBox: Bool

    /// Images as they are, or cut to their boxes.
    public init(croppingToBox: Bool = false) {
        self.croppingToBox = croppingToBox
    }

    public var outputSize: ImageSize? { nil }

    public func apply(to image: RGBImage, box: BoundingBox?, using generator: inout RandomGenerator) -> RGBImage {
        image.cropped(to: region(ofImageOf: image.size, box: box))
    }

    /// The part of an image that is used, and so the size of the result.
    func region(ofImageOf size: ImageSize, box: BoundingBox?) -> PixelRect {
        croppingToBox ? box?.pixels(inImageOf: size) ?? PixelRect(size) : PixelRect(size)
    }
}
