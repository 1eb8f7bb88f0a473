/// One image of a data set.
public struct ImageSample: Sendable, Hashable {
    /// Where to read the image: the data set's folder joined with `relativePath`.
    public let path: String
    /// The image as the annotation files name it, for reports.
    public let relativePath: String
    /// 0 ..< number of classes, or `unknownLabel`.
    public let label: Int
    /// The object's box, where the format has one.
    public let box: BoundingBox?
    /// The image's number in the official annotation files; where they have none, its place in them, from 1.
    public let officialID: Int
    /// Rows at the bottom of the file's image that are no part of the picture.
    public let creditRows: Int

    /// The label of an image whose class the data set does not tell.
    public static let unknownLabel = -1

    /// Whether the data set tells the image's class.
    public var isLabelled: Bool { label != Self.unknownLabel }

    /// An image of a list; the file is not looked at.
    public init(
        path: String, relativePath: String, label: Int, box: BoundingBox? = nil, officialID: Int, creditRows: Int = 0
    ) {
        self.path = path
        self.relativePath = relativePath
        self.label = label
        self.box = box
        self.officialID = officialID
        self.creditRows = creditRows
    }
}
