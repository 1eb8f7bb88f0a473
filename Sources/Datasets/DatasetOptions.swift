/// How a data set is read.
public struct DatasetOptions: Sendable, Hashable {
    /// What counts as a class in FGVC-Aircraft.
    public var level: AircraftLevel
    /// Fail if an image has no bounding box.
    public var requiringBoxes: Bool
    /// Fail if a listed image is not in the folder; reads each folder of images once.
    public var checkingImages: Bool

    /// By default: variants as classes, boxes where there are any, images checked.
    public init(level: AircraftLevel = .variant, requiringBoxes: Bool = false, checkingImages: Bool = true) {
        self.level = level
        self.requiringBoxes = requiringBoxes
        self.checkingImages = checkingImages
    }
}
