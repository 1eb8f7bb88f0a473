/// Width and height in pixels.
public struct ImageSize: Sendable, Hashable, CustomStringConvertible {
    /// In pixels.
    public let width, height: Int

    /// A size in pixels.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Refuses sizes that no image has: a damaged header must not exhaust the memory.
    /// - Throws: `ImageError.tooLarge`, `.corrupt`.
    func check(byteCount: Int, format: ImageFormat, path: String) throws {
        let pixels = width * height
        guard pixels <= Self.maximumPixels else { throw ImageError.tooLarge(path: path, size: self) }
        guard pixels / Self.greatestPixelsPerByte <= byteCount else {
            throw ImageError.corrupt(
                path: path, format: format, reason: "its \(byteCount) bytes cannot be \(self) pixels", truncated: false)
        }
    }

    /// Images with more pixels are refused.
    static let maximumPixels = 1 << 28
    /// Deflate makes 1,032 bytes of one, and a byte is eight pixels of black and white; JPEG needs a bit a block.
    private static let greatestPixelsPerByte = 1 << 14

    /// As in `500×375`.
    public var description: String { "\(width)×\(height)" }
}

/// A rectangle of whole pixels, (x, y) being its top left pixel.
public struct PixelRect: Sendable, Hashable {
    /// In pixels.
    public let x, y, width, height: Int

    /// A rectangle by its top left pixel and its size.
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// All pixels of an image.
    public init(_ size: ImageSize) {
        self.init(x: 0, y: 0, width: size.width, height: size.height)
    }

    /// Of the rectangle.
    public var size: ImageSize { ImageSize(width: width, height: height) }

    /// Whether the rectangle has pixels and all of them are an image's.
    func lies(in size: ImageSize) -> Bool {
        x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= size.width && y + height <= size.height
    }
}
