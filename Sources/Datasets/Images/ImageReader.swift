/// Reads images of any format we know, whatever their names say: the first bytes decide. One reader serves one thread at a
/// time.
public final class ImageReader {
    private let jpeg: JPEGDecoder

    /// - Throws: `ImageError.codec` if there is no memory for a decoder.
    public init() throws {
        jpeg = try JPEGDecoder()
    }

    /// The upright picture of a sample, without the rows that are no part of it.
    /// - Throws: `ImageError`.
    public func image(of sample: ImageSample) throws -> RGBImage {
        try picture(of: sample, in: readFile(sample.path))
    }

    /// The same of the file's bytes.
    func picture(of sample: ImageSample, in bytes: [UInt8]) throws -> RGBImage {
        let image = try decode(bytes, path: sample.path)
        return image.cropped(to: PixelRect(pictureSize(of: sample, in: image.size)))
    }

    /// The size of `image(of:)`; reads no more than the file's start where that suffices.
    /// - Throws: `ImageError`.
    public func size(of sample: ImageSample) throws -> ImageSize {
        let usualHeader = 1 << 16
        let start = try readFile(sample.path, limit: usualHeader)
        let size: ImageSize =
            switch try format(of: start, path: sample.path) {
            case .png: try PNGDecoder.size(start, path: sample.path)
            case .jpeg: try jpeg.size(ofImageAt: sample.path)
            }
        return pictureSize(of: sample, in: size)
    }

    /// The upright image in `bytes`; errors name `path`.
    /// - Throws: `ImageError`.
    public func decode(_ bytes: [UInt8], path: String) throws -> RGBImage {
        switch try format(of: bytes, path: path) {
        case .jpeg: try jpeg.decode(bytes, path: path)
        case .png: try PNGDecoder.decode(bytes, path: path)
        }
    }

    private func format(of bytes: [UInt8], path: String) throws -> ImageFormat {
        guard !bytes.isEmpty else { throw ImageError.empty(path: path) }
        if let format = FileSignature.format(of: bytes) { return format }
        throw ImageError.unknownFormat(path: path, content: FileSignature.content(of: bytes))
    }

    /// At least one row is left.
    private func pictureSize(of sample: ImageSample, in size: ImageSize) -> ImageSize {
        ImageSize(width: size.width, height: max(1, size.height - sample.creditRows))
    }
}
