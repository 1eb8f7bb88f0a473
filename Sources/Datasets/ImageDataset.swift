/// A data set for image classification: its classes and its two lists of images.
///
/// Each format has a reader of its own that returns this value, so that training knows no format.
public struct ImageDataset: Sendable, Hashable {
    /// As reports name it, for example `CUB-200-2011`.
    public let name: String
    /// The classes' names; `ImageSample.label` is a position in this list.
    public let classNames: [String]
    /// The official training images, in the format's own order.
    public let train: [ImageSample]
    /// The official test images, in the format's own order.
    public let test: [ImageSample]

    /// - Precondition: every label is a position in `classNames`.
    public init(name: String, classNames: [String], train: [ImageSample], test: [ImageSample]) {
        for sample in [train, test].joined() {
            precondition(
                classNames.indices.contains(sample.label),
                "\(sample.relativePath) has label \(sample.label), but there are \(classNames.count) classes")
        }
        self.name = name
        self.classNames = classNames
        self.train = train
        self.test = test
    }
}

/// One labelled image of a data set.
public struct ImageSample: Sendable, Hashable {
    /// Where to read the image: the data set's folder joined with `relativePath`.
    public let path: String
    /// The image as the annotation files name it, for reports.
    public let relativePath: String
    /// 0 ..< number of classes.
    public let label: Int
    /// The object's box, where the format has one.
    public let box: BoundingBox?
    /// The image's number in the official annotation files.
    public let officialID: Int

    public init(path: String, relativePath: String, label: Int, box: BoundingBox? = nil, officialID: Int) {
        self.path = path
        self.relativePath = relativePath
        self.label = label
        self.box = box
        self.officialID = officialID
    }
}

/// An object's box in pixels of the upright image, from the top left corner; edges may lie between pixels.
public struct BoundingBox: Sendable, Hashable {
    public let x, y, width, height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
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
