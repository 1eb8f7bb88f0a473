import Datasets
import Training

/// What becomes of an image before the model sees it, for exported files: turned upright as its EXIF orientation says,
/// as RGB, cut to the object's box if `cropBoxes`, resized and cut if there is a `resize`, then (x/255 - mean)/std.
public struct ImagePreparation: Codable, Hashable, Sendable {
    /// Pillow's `resize` to this shorter side (the longer one in proportion, rounded down), and the square in the centre,
    /// whose left and top edges are rounded half to even.
    public struct Resize: Codable, Hashable, Sendable {
        public let shorterSide: Int
        /// Pillow's name of the filter, which smooths where it shrinks.
        public let filter: String
        public let centerCrop: Int

        enum CodingKeys: String, CodingKey {
            case shorterSide = "shorter-side"
            case filter
            case centerCrop = "center-crop"
        }
    }

    /// Nil for images of any size, unchanged.
    public let resize: Resize?
    public let cropBoxes: Bool
    public let mean, std: [Double]

    enum CodingKeys: String, CodingKey {
        case resize
        case cropBoxes = "crop-boxes"
        case mean, std
    }

    /// How evaluation sees images.
    public init(_ preprocessing: Preprocessing) {
        // The shortest decimal number that is this Float.
        func decimal(_ value: Float) -> Double { Double(value.description) ?? Double(value) }
        mean = PixelNormalization.imageNet.mean.map(decimal)
        std = PixelNormalization.imageNet.deviation.map(decimal)
        cropBoxes = preprocessing.cropBoxes
        let size = preprocessing.imageSize
        resize =
            switch preprocessing.view {
            case .center:
                Resize(
                    shorterSide: EvaluationTransform(imageSize: size).shorterSide, filter: "bilinear", centerCrop: size)
            case .native: nil
            }
    }
}
