/// An object's box in pixels of the upright image, from the top left corner; edges may lie between pixels.
public struct BoundingBox: Sendable, Hashable {
    /// In pixels, from the image's top left corner.
    public let x, y, width, height: Double

    /// A box by its top left corner and its size, in pixels.
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The box of pixels that are counted from 1, the last ones included: left, top, right, bottom. Nil for numbers that
    /// enclose none.
    init?(corners: [Double]) {
        guard corners.count == 4, corners.allSatisfy(\.isFinite), corners[0] <= corners[2], corners[1] <= corners[3]
        else { return nil }
        self.init(
            x: corners[0] - 1, y: corners[1] - 1, width: corners[2] - corners[0] + 1,
            height: corners[3] - corners[1] + 1)
    }

    /// The smallest rectangle of whole pixels of an image that covers the box; at least one pixel, and the whole image
    /// where the box lies outside of it.
    public func pixels(inImageOf size: ImageSize) -> PixelRect {
        func clamped(_ edge: Double, _ limit: Int) -> Int { Int(min(max(edge, 0), Double(limit))) }
        let left = clamped(x.rounded(.down), size.width)
        let top = clamped(y.rounded(.down), size.height)
        let right = clamped((x + width).rounded(.up), size.width)
        let bottom = clamped((y + height).rounded(.up), size.height)
        guard left < right, top < bottom else { return PixelRect(size) }
        return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
    }
}
