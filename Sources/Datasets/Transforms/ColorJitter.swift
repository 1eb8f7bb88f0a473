import Tensors

/// Random brightness, contrast, saturation and hue in a random order, with torchvision's rules: the first three by factors
/// uniform in [max(0, 1 - a), 1 + a], hue by a turn uniform in [-a, a].
public struct ColorJitter: Sendable, Hashable {
    /// a of each; 0 leaves it as it is.
    public let brightness, contrast, saturation, hue: Double

    /// - Precondition: none is negative, and `hue` is at most 0.5.
    public init(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0) {
        precondition(
            min(brightness, contrast, saturation, hue) >= 0 && hue <= 0.5,
            "a jitter that is negative, or a hue above 0.5"
        )
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
    }

    /// The image with its colours changed as drawn.
    public func apply(to image: RGBImage, using generator: inout RandomGenerator) -> RGBImage {
        func factor(_ amount: Double) -> Float { Float(generator.uniform(max(0, 1 - amount), 1 + amount)) }
        return generator.permutation(4).reduce(image) { image, change in
            switch change {
            case 0: brightness > 0 ? image.adjustingBrightness(by: factor(brightness)) : image
            case 1: contrast > 0 ? image.adjustingContrast(by: factor(contrast)) : image
            case 2: saturation > 0 ? image.adjustingSaturation(by: factor(saturation)) : image
            default: hue > 0 ? image.adjustingHue(by: generator.uniform(-hue, hue)) : image
            }
        }
    }
}
