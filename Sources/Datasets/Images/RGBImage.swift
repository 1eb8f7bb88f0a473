/// An image of 8-bit red, green and blue, interleaved, rows from top to bottom without gaps.
public struct RGBImage: Sendable, Hashable {
    /// In pixels.
    public let width, height: Int
    /// 3·width·height samples and `padding` zeros.
    private var storage: [UInt8]

    /// Kernels load a pixel as four bytes; behind the last pixel they find these.
    private static let padding = 4

    /// - Precondition: there are 3·width·height samples and at least one pixel.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            pixels.count == 3 * width * height, "\(pixels.count) samples for an RGB image of \(width)×\(height)")
        self.init(width: width, height: height) { destination in
            for (index, sample) in pixels.enumerated() { destination[index] = sample }
        }
    }

    /// An image whose 3·width·height samples `body` writes, every one of them.
    package init(width: Int, height: Int, writing body: (UnsafeMutablePointer<UInt8>) throws -> Void) rethrows {
        precondition(width > 0 && height > 0, "an image of \(width)×\(height) has no pixels")
        self.width = width
        self.height = height
        let count = 3 * width * height
        storage = try [UInt8](unsafeUninitializedCapacity: count + Self.padding) { buffer, initialized in
            if let base = buffer.baseAddress {
                try body(base)
                (base + count).update(repeating: 0, count: Self.padding)
            }
            initialized = count + Self.padding
        }
    }

    /// In pixels.
    public var size: ImageSize { ImageSize(width: width, height: height) }

    /// The samples: red, green, blue of the first row's first pixel and so on.
    public var pixels: [UInt8] { Array(storage.dropLast(Self.padding)) }

    /// Red, green and blue of column `x`, row `y`.
    public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "(\(x), \(y)) is outside an image of \(size)")
        let start = 3 * (y * width + x)
        return (storage[start], storage[start + 1], storage[start + 2])
    }

    /// Reads the 3·width·height samples; four readable bytes follow the last.
    public func withUnsafeSamples<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBufferPointer { buffer in
            try body(UnsafeBufferPointer(rebasing: buffer.dropLast(Self.padding)))
        }
    }

    /// The pixels inside `rect`.
    /// - Precondition: `rect` lies in the image.
    public func cropped(to rect: PixelRect) -> RGBImage {
        precondition(rect.lies(in: size), "\(rect) is no part of an image of \(size)")
        if rect.size == size { return self }
        return withUnsafeSamples { source in
            RGBImage(width: rect.width, height: rect.height) { destination in
                for row in 0..<rect.height {
                    let start = 3 * ((rect.y + row) * width + rect.x)
                    for index in 0..<3 * rect.width {
                        destination[3 * row * rect.width + index] = source[start + index]
                    }
                }
            }
        }
    }

    /// The mirror image: left and right exchanged.
    public func flippedHorizontally() -> RGBImage {
        withUnsafeSamples { source in
            RGBImage(width: width, height: height) { destination in
                for row in 0..<height {
                    var from = 3 * (row + 1) * width
                    for to in stride(from: 3 * row * width, to: 3 * (row + 1) * width, by: 3) {
                        from -= 3
                        destination[to] = source[from]
                        destination[to + 1] = source[from + 1]
                        destination[to + 2] = source[from + 2]
                    }
                }
            }
        }
    }
}
