/// Says where the images of a synthetic data set go and what its annotation files contain, in one layout.
protocol LayoutWriter {
    /// Rows to add at the bottom of each image for the photographer's credit.
    static var creditRows: Int { get }

    init()

    /// Takes note of the next image; classes come one after another, training images before test images.
    /// - Returns: its path below the data set's folder.
    mutating func add(_ image: SyntheticImage) -> String

    /// The annotation files, after all images.
    var files: [(name: String, content: AnnotationContent)] { get }
}

extension LayoutWriter {
    static var creditRows: Int { 0 }
}

enum AnnotationContent {
    case text(String)
    case matlab([(name: String, array: MATArray)])
}

/// What a layout may want to know of an image.
struct SyntheticImage {
    /// From 1, over the whole data set.
    let id: Int
    let species: BirdSpecies
    /// From 0.
    let label: Int
    /// From 0, in its class.
    let position: Int
    let isTraining: Bool
    let size: ImageSize
    /// Of whole pixels.
    let box: BoundingBox

    /// The box's left, top, right and bottom pixels, counted from 1.
    var corners: [Double] { [box.x + 1, box.y + 1, box.x + box.width, box.y + box.height] }
}

/// With zeros before it, so that it has at least `digits` digits.
func padded(_ number: Int, digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
