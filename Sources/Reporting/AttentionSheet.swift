import Datasets
import Explaining
import Training

/// A picture of where the attention modules of a model look in an image: the image, then a tile for each module that
/// weighs positions, row by row in the order of the forward, its map over the image from dark (its least weight) to yellow
/// (its greatest).
struct AttentionSheet {
    /// Side of a tile in pixels.
    private static let tile = 96
    let image: RGBImage
    /// As `layer1.0.attention`, in the order of the tiles.
    let modules: [String]

    /// - Returns: nil if no module weighs positions.
    init?(_ view: AttentionView, image index: Int) {
        let maps = view.records.compactMap { record in
            record.position.map { (module: record.module, map: Heatmap($0, image: index)) }
        }
        guard !maps.isEmpty else { return nil }
        modules = maps.map(\.module)
        let picture = view.images[index].picture.resized(to: ImageSize(width: Self.tile, height: Self.tile))
        image = Self.sheet([picture] + maps.map { $0.map.overlay(on: picture) })
    }

    /// The tiles in rows, as many as columns or fewer.
    private static func sheet(_ tiles: [RGBImage]) -> RGBImage {
        let columns = Int(Double(tiles.count).squareRoot().rounded(.up))
        var sheet = Picture(
            width: columns * tile, height: (tiles.count + columns - 1) / columns * tile, color: 0xFFFFFF)
        for (index, image) in tiles.enumerated() {
            sheet.draw(image, x: index % columns * tile, y: index / columns * tile)
        }
        return sheet.image
    }
}
