import Tensors

/// y = (x/255 - mean) / deviation for each channel, computed in single precision in this order, as torchvision does.
public struct PixelNormalization: Sendable, Hashable {
    /// Of red, green and blue, where black is 0 and white 1.
    public let mean, deviation: [Float]
    /// y of each 8-bit x: 256 Floats for red, green and blue in turn.
    private let table: [Float]

    /// - Precondition: three values each.
    public init(mean: [Float], deviation: [Float]) {
        precondition(mean.count == 3 && deviation.count == 3, "red, green and blue need three values each")
        self.mean = mean
        self.deviation = deviation
        table = (0..<3).flatMap { channel in
            (0..<256).map { (Float($0) / 255 - mean[channel]) / deviation[channel] }
        }
    }

    /// With which the published ImageNet weights were trained.
    public static let imageNet = PixelNormalization(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

    /// Writes `image` as image `n` of row-major `images` (N, 3, H, W).
    /// - Precondition: the sizes agree.
    public func write(_ image: RGBImage, to images: Tensor, at n: Int) {
        precondition(
            images.layout == .rowMajor && images.shape.rank == 4 && images.shape.channels == 3
                && images.shape.height == image.height && images.shape.width == image.width
                && n >= 0 && n < images.shape.batch,
            "image \(n) of \(image.size) does not fit into \(images.shape)")
        let positions = image.width * image.height
        images.withUnsafeMutableBufferPointer { destination in
            table.withUnsafeBufferPointer { table in
                image.withUnsafeSamples { samples in
                    guard let y = destination.baseAddress, let x = samples.baseAddress, let table = table.baseAddress
                    else { return }
                    let red = y + 3 * n * positions
                    let (green, blue) = (red + positions, red + 2 * positions)
                    for p in 0..<positions {
                        red[p] = table[Int(x[3 * p])]
                        green[p] = table[256 + Int(x[3 * p + 1])]
                        blue[p] = table[512 + Int(x[3 * p + 2])]
                    }
                }
            }
        }
    }

    /// Gives a part of image `n` of row-major `images` (N, 3, H, W) the mean colour, which is 0.
    func erase(_ region: PixelRect, of images: Tensor, at n: Int) {
        let (height, width) = (images.shape.height, images.shape.width)
        precondition(region.lies(in: ImageSize(width: width, height: height)), "\(region) leaves \(images.shape)")
        images.withUnsafeMutableBufferPointer { buffer in
            for row in 0..<3 * region.height {
                let (channel, y) = (row / region.height, region.y + row % region.height)
                let start = ((3 * n + channel) * height + y) * width + region.x
                buffer[start..<start + region.width].update(repeating: 0)
            }
        }
    }
}
