/// Width and height in pixels.
public struct ImageSize: Sendable, Hashable, CustomStringConvertible {
    public let width, height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// As in `500×375`.
    public var description: String { "\(width)×\(height)" }
}

/// A rectangle of whole pixels, (x, y) being its top left pixel.
public struct PixelRect: Sendable, Hashable {
    public let x, y, width, height: Int

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

    public var size: ImageSize { ImageSize(width: width, height: height) }

    /// Whether the rectangle has pixels and all of them are an image's.
    func lies(in size: ImageSize) -> Bool {
        x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= size.width && y + height <= size.height
    }
}
