import Foundation
import Tensors

/// Paints one bird: the species' marks on the common body, everything else chance.
///
/// The bird's own coordinates have the head and body within about ±1; pose, scale and place turn them into pixels.
struct BirdPainter {
    private let species: BirdSpecies
    private let toImage: Placement
    private var canvas: Canvas
    private var covered: [Point] = []
    private let plumage: Color
    private let headTurn: Double

    struct Painting {
        let image: RGBImage
        let box: BoundingBox
    }

    /// Paints a bird of `species` on `size` pixels.
    static func paint(
        _ species: BirdSpecies, size: ImageSize, using generator: inout RandomGenerator
    ) -> Painting {
        var painter = BirdPainter(species, size: size, using: &generator)
        painter.paintBody()
        painter.paintMarks()
        return painter.finish(using: &generator)
    }

    private init(_ species: BirdSpecies, size: ImageSize, using generator: inout RandomGenerator) {
        self.species = species
        canvas = Canvas(width: size.width, height: size.height, background: Scenery(size, using: &generator).color)
        toImage = Placement(size, using: &generator)
        // Plumage varies within a species more than between them.
        let grey = generator.uniform(0.35, 0.62)
        plumage = Color(
            grey * generator.uniform(0.95, 1.15), grey * generator.uniform(0.85, 1.0),
            grey * generator.uniform(0.6, 0.85))
        headTurn = generator.uniform(-0.3, 0.3)
    }

    private var head: Point { Point(0.72, -0.5) }
    private var headRadius: Double { 0.27 }

    /// A point of the head, in heads from its centre, turned with it.
    private func onHead(_ x: Double, _ y: Double) -> Point {
        head + headRadius * Point(x, y).rotated(by: headTurn)
    }

    private mutating func paintBody() {
        let dark = 0.55 * plumage
        fill(.triangle(Point(-0.6, -0.1), Point(-1.35, 0.1), Point(-1.25, 0.4)), dark)
        fill(.stroke(from: Point(0.0, 0.4), to: Point(0.05, 0.85), radius: 0.035), 0.4 * plumage)
        fill(.stroke(from: Point(0.2, 0.38), to: Point(0.28, 0.83), radius: 0.035), 0.4 * plumage)
        fill(.ellipse(center: .zero, radii: Point(0.82, 0.47), angle: -0.3), plumage)
        fill(.ellipse(center: Point(0.28, 0.12), radii: Point(0.48, 0.33), angle: -0.5), 0.35 + 0.65 * plumage)
        fill(.stroke(from: Point(0.5, -0.25), to: head, radius: 0.22), plumage)
        fill(.ellipse(center: head, radii: Point(headRadius, headRadius), angle: 0), plumage)
        fill(.ellipse(center: Point(-0.28, -0.04), radii: Point(0.55, 0.26), angle: 0.12), dark)
    }

    private mutating func paintMarks() {
        let palette = BirdSpecies.palette
        let tip = onHead(0.85 + species.beakLength, 0.15)
        fill(.triangle(onHead(0.8, -0.3), onHead(0.75, 0.4), tip), palette[species.beakColor].color)
        fill(
            .ellipse(center: onHead(-0.1, -0.6), radii: Point(0.25, 0.14), angle: headTurn - 0.15),
            palette[species.crownColor].color)
        for bar in 0..<species.wingBars {
            let x = -0.12 - 0.26 * Double(bar)
            fill(
                .stroke(from: Point(x, -0.22), to: Point(x - 0.12, 0.12), radius: 0.05),
                palette[species.barColor].color)
        }
        for row in 0..<species.spotRows {
            for column in 0..<3 {
                let center = Point(0.3 + 0.14 * Double(column) - 0.07 * Double(row), 0.02 + 0.17 * Double(row))
                fill(.ellipse(center: center, radii: Point(0.045, 0.045), angle: 0), Color(0.12, 0.08, 0.06))
            }
        }
        if species.hasEyeRing {
            fill(.ellipse(center: onHead(0.25, -0.05), radii: Point(0.105, 0.105), angle: 0), Color(0.97, 0.97, 0.95))
        }
        fill(.ellipse(center: onHead(0.25, -0.05), radii: Point(0.055, 0.055), angle: 0), Color(0.03, 0.03, 0.03))
    }

    private mutating func fill(_ part: Silhouette, _ color: Color) {
        let corners = part.extent.map(toImage.pixel)
        covered += corners
        // Distances are the figure's; the scale makes them pixels.
        let (toImage, scale) = (toImage, toImage.scale)
        canvas.paint(
            bounds: Self.box(around: corners, margin: 1),
            distance: { scale * part.distance(to: toImage.figure($0)) }, color: { _ in color })
    }

    private func finish(using generator: inout RandomGenerator) -> Painting {
        let light = generator.uniform(0.75, 1.2)
        let tint = Color(
            generator.uniform(0.93, 1.07), generator.uniform(0.96, 1.04), generator.uniform(0.93, 1.07))
        let noise = generator.uniform(0.005, 0.03)
        let image = canvas.image { color in
            light * tint * color + Color(repeating: generator.uniform(-noise, noise))
        }
        let size = ImageSize(width: canvas.width, height: canvas.height)
        let pixels = Self.box(around: covered, margin: 0).pixels(inImageOf: size)
        let box = BoundingBox(
            x: Double(pixels.x), y: Double(pixels.y), width: Double(pixels.width), height: Double(pixels.height))
        return Painting(image: image, box: box)
    }

    private static func box(around points: [Point], margin: Double) -> BoundingBox {
        let (xs, ys) = (points.map(\.x), points.map(\.y))
        let (left, top) = ((xs.min() ?? 0) - margin, (ys.min() ?? 0) - margin)
        return BoundingBox(
            x: left, y: top, width: (xs.max() ?? 0) + margin - left, height: (ys.max() ?? 0) + margin - top)
    }
}

/// Where the bird is: scale, lean, which way it looks, place.
private struct Placement {
    /// Pixels of one unit.
    let scale: Double
    private let angle: Double
    private let mirror: Double
    private let origin: Point

    init(_ size: ImageSize, using generator: inout RandomGenerator) {
        let shorter = Double(min(size.width, size.height))
        // The longest bird spans 2.7 units, so it stays inside.
        scale = shorter * generator.uniform(0.24, 0.335)
        angle = generator.uniform(-0.3, 0.3)
        mirror = generator.uniform() < 0.5 ? -1 : 1
        let slack = Point(Double(size.width), Double(size.height)) / 2 - 1.35 * scale
        origin = Point(
            Double(size.width) / 2 + generator.uniform(-1, 1) * max(0, slack.x),
            Double(size.height) / 2 + generator.uniform(-1, 1) * max(0, slack.y))
    }

    func pixel(_ figure: Point) -> Point {
        let turned = figure.rotated(by: angle)
        return origin + scale * Point(mirror * turned.x, turned.y)
    }

    func figure(_ pixel: Point) -> Point {
        let local = (pixel - origin) / scale
        return Point(mirror * local.x, local.y).rotated(by: -angle)
    }
}
