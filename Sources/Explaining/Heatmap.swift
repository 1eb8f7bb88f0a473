import Datasets
import Tensors

/// A number for each cell of a grid that covers an image evenly: an attention map over positions, or a Grad-CAM.
public struct Heatmap: Hashable, Sendable {
    public let width, height: Int
    /// Row by row, from the top left.
    public let values: [Float]

    /// - Precondition: width·height values, at least one.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(
            width > 0 && height > 0 && values.count == width * height,
            "\(values.count) values for a map of \(width)×\(height)")
        self.width = width
        self.height = height
        self.values = values
    }

    /// That of image `index` among maps (N, H, W), row-major.
    public init(_ maps: Tensor, image index: Int) {
        precondition(
            maps.shape.rank == 3 && (0..<maps.shape.batch).contains(index), "no image \(index) in \(maps.shape)")
        let (height, width) = (maps.shape[1], maps.shape[2])
        self.init(
            width: width, height: height,
            values: maps.view(at: index * height * width, shape: [height, width]).elements)
    }

    /// The least and the greatest value, of those that are finite; 0...0 if none is.
    public var range: ClosedRange<Float> {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else { return 0...0 }
        return least...greatest
    }

    /// Bilinear interpolation between the cells' centres; outside of the outermost ones, their values.
    public func resized(to size: ImageSize) -> Heatmap {
        let columns = Self.samples(from: width, to: size.width)
        let rows = Self.samples(from: height, to: size.height)
        var result: [Float] = []
        result.reserveCapacity(size.width * size.height)
        for row in rows {
            let (upper, lower) = (row.first * width, row.second * width)
            for column in columns {
                let above =
                    values[upper + column.first] * (1 - column.part) + values[upper + column.second] * column.part
                let below =
                    values[lower + column.first] * (1 - column.part) + values[lower + column.second] * column.part
                result.append(above * (1 - row.part) + below * row.part)
            }
        }
        return Heatmap(width: size.width, height: size.height, values: result)
    }

    /// Along one axis: the cells on both sides of each sample, and the second one's part.
    private static func samples(from cells: Int, to count: Int) -> [(first: Int, second: Int, part: Float)] {
        (0..<count).map { index in
            let place = (Float(index) + 0.5) * Float(cells) / Float(count) - 0.5
            let first = max(0, min(Int(place.rounded(.down)), cells - 1))
            return (first, min(first + 1, cells - 1), max(0, min(place - Float(first), 1)))
        }
    }
}
