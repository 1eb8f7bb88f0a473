import Datasets
import Training

/// A confusion matrix as a picture: a row a class, a column a predicted class. The diagonal is blue, mistakes are red, the
/// darker the larger their part of the class's images.
struct ConfusionImage {
    private let matrix: ConfusionMatrix
    /// Side of a class's cell in pixels.
    private let cell: Int

    init(_ matrix: ConfusionMatrix) {
        self.matrix = matrix
        cell = min(24, max(2, 960 / matrix.classes))
    }

    var image: RGBImage {
        let side = matrix.classes * cell + 1
        var pixels = [UInt8](repeating: 255, count: 3 * side * side)
        for y in 0..<side {
            for x in 0..<side {
                let (red, green, blue) = color(x, y)
                let at = 3 * (y * side + x)
                (pixels[at], pixels[at + 1], pixels[at + 2]) = (red, green, blue)
            }
        }
        return RGBImage(width: side, height: side, pixels: pixels)
    }

    private func color(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
        let end = matrix.classes * cell
        if x == 0 || y == 0 || x == end || y == end { return (128, 128, 128) }
        if cell >= 6, x % cell == 0 || y % cell == 0 { return (232, 232, 232) }
        let (label, predicted) = (y / cell, x / cell)
        // The root makes single mistakes visible.
        let depth = matrix.share(label, predicted).squareRoot()
        func mix(_ full: Double) -> UInt8 { UInt8(255 + (full - 255) * depth) }
        return label == predicted ? (mix(8), mix(48), mix(107)) : (mix(165), mix(15), mix(21))
    }
}
