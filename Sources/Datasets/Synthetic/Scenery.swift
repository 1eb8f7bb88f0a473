import Foundation
import Tensors

/// A background that says nothing about the class: a gradient of sky or foliage with soft blotches and a branch.
struct Scenery {
    private let top, bottom: Color
    private let height: Double
    private let blotches: [(center: Point, radius: Double, color: Color)]
    private let branch: Silhouette
    private let branchColor: Color

    init(_ size: ImageSize, using generator: inout RandomGenerator) {
        func chance(_ low: Double, _ high: Double) -> Color {
            Color(generator.uniform(low, high), generator.uniform(low, high), generator.uniform(low, high))
        }
        let (width, height) = (Double(size.width), Double(size.height))
        top = chance(0.3, 0.9)
        bottom = chance(0.15, 0.7)
        self.height = height
        blotches = (0..<generator.index(below: 8) + 4).map { _ in
            let center = Point(generator.uniform(0, width), generator.uniform(0, height))
            return (center, generator.uniform(0.06, 0.25) * width, chance(0.1, 0.9))
        }
        branch = .stroke(
            from: Point(-10, generator.uniform(0.6, 1) * height),
            to: Point(width + 10, generator.uniform(0.6, 1) * height), radius: generator.uniform(0.01, 0.03) * height)
        branchColor = Color(0.3, 0.2, 0.1) * generator.uniform(0.6, 1.5)
    }

    func color(at point: Point) -> Color {
        var color = top + (bottom - top) * (point.y / height)
        for blotch in blotches {
            let distance = (point - blotch.center).length / blotch.radius
            color += (0.6 * exp(-distance * distance)) * (blotch.color - color)
        }
        let coverage = min(max(0.5 - branch.distance(to: point), 0), 1)
        return color + coverage * (branchColor - color)
    }
}
