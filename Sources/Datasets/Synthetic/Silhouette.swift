import Foundation

/// A part of a figure, described by its signed distance in the figure's own coordinates (Quílez, "2D distance
/// functions"); negative inside.
enum Silhouette {
    case ellipse(center: Point, radii: Point, angle: Double)
    case triangle(Point, Point, Point)
    /// A line with round ends.
    case stroke(from: Point, to: Point, radius: Double)

    /// Exact for triangles and strokes; for ellipses to first order, which suffices at the edge.
    func distance(to point: Point) -> Double {
        switch self {
        case .ellipse(let center, let radii, let angle):
            let local = (point - center).rotated(by: -angle)
            let scaled = local / radii
            let length = scaled.length
            let gradient = (scaled / radii).length
            return gradient < 1e-9 ? -min(radii.x, radii.y) : length * (length - 1) / gradient
        case .triangle(let a, let b, let c):
            let edges = [(a, b), (b, c), (c, a)]
            let distance = edges.map { Self.distance(from: point, toSegment: $0) }.min() ?? 0
            let sides = edges.map { ($0.1 - $0.0).cross(point - $0.0) }
            let isInside = sides.allSatisfy { $0 >= 0 } || sides.allSatisfy { $0 <= 0 }
            return isInside ? -distance : distance
        case .stroke(let start, let end, let radius):
            return Self.distance(from: point, toSegment: (start, end)) - radius
        }
    }

    /// Points whose hull covers the shape: the corners of what bounds it.
    var extent: [Point] {
        switch self {
        case .ellipse(let center, let radii, let angle):
            // A polygon around the ellipse, tight to a fiftieth of its size.
            return (0..<32).map { step in
                let turn = Double(step) * .pi / 16
                return center + Point(radii.x * cos(turn), radii.y * sin(turn)).rotated(by: angle)
            }
        case .triangle(let a, let b, let c):
            return [a, b, c]
        case .stroke(let start, let end, let radius):
            return [start, end].flatMap { end in
                [Point(1, 0), Point(-1, 0), Point(0, 1), Point(0, -1)].map { end + radius * $0 }
            }
        }
    }

    private static func distance(from point: Point, toSegment segment: (Point, Point)) -> Double {
        let direction = segment.1 - segment.0
        let offset = point - segment.0
        let along = min(max(offset.dot(direction) / direction.dot(direction), 0), 1)
        return (offset - along * direction).length
    }
}

extension SIMD2<Double> {
    var length: Double { dot(self).squareRoot() }
    func dot(_ other: Self) -> Double { x * other.x + y * other.y }
    func cross(_ other: Self) -> Double { x * other.y - y * other.x }
    func rotated(by angle: Double) -> Self {
        Self(x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
    }
}
