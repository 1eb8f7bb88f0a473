/// A colour of linear components, each 0…1.
typealias Color = SIMD3<Double>

/// A point of the plane; y grows downwards.
typealias Point = SIMD2<Double>

/// A raster on which anti-aliased shapes are painted one over the other.
struct Canvas {
    let width, height: Int
    private(set) var colors: [Color]

    init(width: Int, height: Int, background: (Point) -> Color) {
        self.width = width
        self.height = height
        colors = []
        colors.reserveCapacity(width * height)
        for y in 0..<height {
            for x in 0..<width { colors.append(background(Point(Double(x) + 0.5, Double(y) + 0.5))) }
        }
    }

    /// Paints where `distance` is negative; it is signed and in pixels, so its last half pixel either way is blended.
    /// Only pixels within `bounds` are asked.
    mutating func paint(
        bounds: BoundingBox, distance: (Point) -> Double, color: (Point) -> Color
    ) {
        let rect = bounds.pixels(inImageOf: ImageSize(width: width, height: height))
        for y in rect.y..<rect.y + rect.height {
            for x in rect.x..<rect.x + rect.width {
                let point = Point(Double(x) + 0.5, Double(y) + 0.5)
                let coverage = min(max(0.5 - distance(point), 0), 1)
                guard coverage > 0 else { continue }
                let index = y * width + x
                colors[index] += coverage * (color(point) - colors[index])
            }
        }
    }

    /// 8-bit samples of `colors` after `adjust`.
    func image(adjust: (Color) -> Color) -> RGBImage {
        RGBImage(
            width: width, height: height,
            pixels: colors.flatMap { color in
                let adjusted = adjust(color).clamped(lowerBound: .zero, upperBound: .one) * 255
                return [UInt8(adjusted.x.rounded()), UInt8(adjusted.y.rounded()), UInt8(adjusted.z.rounded())]
            })
    }
}
