/// Why an image cannot be used.
public enum ImageError: Error, Hashable, Sendable {
    /// The system refused to read the file.
    case unreadable(path: String, reason: String)
    /// The file has no bytes.
    case empty(path: String)
    /// The file does not start as a JPEG does; `content` is what it looks like, if that is known.
    case notJPEG(path: String, content: String?)
    /// The file is of no format that is read.
    case unknownFormat(path: String, content: String?)
    /// The decoder's own words; `truncated` where the file ends too early.
    case corrupt(path: String, format: ImageFormat, reason: String, truncated: Bool)
    /// The header announces more pixels than any image has here.
    case tooLarge(path: String, size: ImageSize)
    /// Images of one batch must be equally large.
    case unequalSizes(path: String, size: ImageSize, expected: ImageSize)
    /// The codec cannot start, or refuses to encode.
    case codec(reason: String)
}

extension ImageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot read the image: \(reason)"
        case .empty(let path):
            "\(path): the file is empty; copy it again from the data set's archive"
        case .notJPEG(let path, let content?):
            "\(path): not a JPEG: it looks like \(content); convert it to JPEG or fetch it again"
        case .notJPEG(let path, nil):
            "\(path): not a JPEG: it does not start with the bytes FF D8 FF; fetch it again"
        case .unknownFormat(let path, let content?):
            "\(path): neither JPEG nor PNG: it looks like \(content); convert it to JPEG or PNG or fetch it again"
        case .unknownFormat(let path, nil):
            "\(path): neither JPEG nor PNG: its first bytes are of no known format; fetch it again"
        case .corrupt(let path, let format, let reason, truncated: true):
            "\(path): the \(format.rawValue) is truncated (\(reason)); copy it again from the data set's archive"
        case .corrupt(let path, let format, let reason, truncated: false):
            "\(path): the \(format.rawValue) is corrupt (\(reason)); copy it again from the data set's archive"
        case .tooLarge(let path, let size):
            "\(path): an image of \(size) is above the limit of \(ImageSize.maximumPixels) pixels; scale it down"
        case .unequalSizes(let path, let size, let expected):
            "\(path): the image is \(size), others of its batch are \(expected); use a transform to one size or batches"
                + " of equal sizes"
        case .codec(let reason):
            "image codec: \(reason)"
        }
    }
}
