import Tensors

/// Resizes the shorter side to imageSize / cropRatio and cuts out the centre, as torchvision's `Resize` and
/// `CenterCrop` do; with 224 and 0.875 the shorter side becomes 256.
public struct EvaluationTransform: ImageTransform {
    /// Side of the square that is cut out, in pixels.
    public let imageSize: Int
    /// That side as a part of the resized image's shorter side.
    public let cropRatio: Double
    /// Cut to the box first.
    public let croppingToBox: Bool

    /// torchvision's, 224 of 256.
    public static let usualCropRatio = 0.875

    /// - Precondition: the size is above 0, the ratio above 0 and at most 1.
    public init(imageSize: Int, cropRatio: Double = usualCropRatio, croppingToBox: Bool = false) {
        precondition(imageSize > 0, "an image size of \(imageSize)")
        precondition(cropRatio > 0 && cropRatio <= 1, "a crop ratio is above 0 and at most 1, not \(cropRatio)")
        self.imageSize = imageSize
        self.cropRatio = cropRatio
        self.croppingToBox = croppingToBox
    }

    public var outputSize: ImageSize? { ImageSize(width: imageSize, height: imageSize) }

    public func apply(to image: RGBImage, box: BoundingBox?, using generator: inout RandomGenerator) -> RGBImage {
        let region = NativeTransform(croppingToBox: croppingToBox).region(ofImageOf: image.size, box: box)
        let resized = resizedSize(ofImageOf: region.size)
        // Only the rows and columns that remain are computed.
        return image.resized(to: resized, from: region, keeping: centre(of: resized))
    }

    /// Of a resized image, before the centre is cut out.
    public var shorterSide: Int { max(imageSize, Int((Double(imageSize) / cropRatio).rounded())) }

    /// The size before the centre is cut out.
    func resizedSize(ofImageOf size: ImageSize) -> ImageSize {
        let shorter = shorterSide
        func longer(_ long: Int, _ short: Int) -> Int { shorter * long / short }
        return size.width <= size.height
            ? ImageSize(width: shorter, height: longer(size.height, size.width))
            : ImageSize(width: longer(size.width, size.height), height: shorter)
    }

    private func centre(of size: ImageSize) -> PixelRect {
        func start(_ length: Int) -> Int { Int((Double(length - imageSize) / 2).rounded(.toNearestOrEven)) }
        return PixelRect(x: start(size.width), y: start(size.height), width: imageSize, height: imageSize)
    }
}
