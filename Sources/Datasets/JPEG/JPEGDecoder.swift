import CTurboJPEG

/// Decodes JPEG files to upright 8-bit RGB through libjpeg-turbo's TurboJPEG 2 interface.
///
/// Greyscale becomes RGB; CMYK and YCCK become RGB as Pillow's `convert("RGB")` does it, taking the samples as inverted
/// (Adobe's convention); the EXIF orientation is applied. One decoder serves one thread at a time.
public final class JPEGDecoder {
    private var handle: tjhandle

    /// - Throws: `ImageError.codec` if the library has no memory for a decoder.
    public init() throws {
        handle = try Self.makeHandle()
    }

    deinit { tjDestroy(handle) }

    /// The upright image in the file at `path`.
    /// - Throws: `ImageError`; a file that ends too early is an error, bytes between its segments are not.
    public func decode(contentsOf path: String) throws -> RGBImage {
        try decode(readFile(path), path: path)
    }

    /// The upright image in `bytes`; errors name `path`.
    /// - Throws: as `decode(contentsOf:)`.
    public func decode(_ bytes: [UInt8], path: String) throws -> RGBImage {
        let header = try header(bytes, path: path)
        let image = header.isCMYK ? try decodeCMYK(bytes, header, path: path) : try decodeRGB(bytes, header, path: path)
        return image.upright(from: header.orientation)
    }

    /// The size of the upright image in the file at `path`; reads no more than the header where that suffices.
    /// - Throws: `ImageError`.
    public func size(ofImageAt path: String) throws -> ImageSize {
        let usualHeader = 1 << 16
        let start = try readFile(path, limit: usualHeader)
        do {
            return try header(start, path: path).uprightSize
        } catch ImageError.corrupt where start.count == usualHeader {
            return try header(readFile(path), path: path).uprightSize
        }
    }

    private static func makeHandle() throws -> tjhandle {
        guard let handle = tjInitDecompress() else {
            throw ImageError.codec(reason: String(cString: tjGetErrorStr2(nil)))
        }
        return handle
    }

    // MARK: Header

    private struct Header {
        let size: ImageSize
        let isCMYK: Bool
        let orientation: ImageOrientation

        var uprightSize: ImageSize { orientation.upright(size) }
    }

    private func header(_ bytes: [UInt8], path: String) throws -> Header {
        guard !bytes.isEmpty else { throw ImageError.empty(path: path) }
        guard FileSignature.isJPEG(bytes) else {
            throw ImageError.notJPEG(path: path, content: FileSignature.content(of: bytes))
        }
        return try bytes.withUnsafeBufferPointer { buffer in
            var (width, height, subsampling, colorspace): (Int32, Int32, Int32, Int32) = (0, 0, -1, -1)
            tjDecompressHeader3(
                handle, buffer.baseAddress, UInt(buffer.count), &width, &height, &subsampling, &colorspace)
            // The status also reports warnings and a subsampling that only the YUV functions care about. What matters
            // is set as soon as the header could be read.
            guard width > 0, height > 0, colorspace >= 0 else { throw try corruption(path: path) }
            let size = ImageSize(width: Int(width), height: Int(height))
            try size.check(byteCount: buffer.count, format: .jpeg, path: path)
            let isCMYK = colorspace == Int32(TJCS_CMYK.rawValue) || colorspace == Int32(TJCS_YCCK.rawValue)
            return Header(size: size, isCMYK: isCMYK, orientation: ImageOrientation(jpeg: buffer))
        }
    }

    // MARK: Pixels

    private func decodeRGB(_ bytes: [UInt8], _ header: Header, path: String) throws -> RGBImage {
        try RGBImage(width: header.size.width, height: header.size.height) { destination in
            try decompress(bytes, header, to: destination, format: TJPF_RGB, path: path)
        }
    }

    private func decodeCMYK(_ bytes: [UInt8], _ header: Header, path: String) throws -> RGBImage {
        let count = header.size.width * header.size.height
        let cmyk = try [UInt8](unsafeUninitializedCapacity: 4 * count) { buffer, initialized in
            if let base = buffer.baseAddress {
                try decompress(bytes, header, to: base, format: TJPF_CMYK, path: path)
            }
            initialized = 4 * count
        }
        return RGBImage(width: header.size.width, height: header.size.height) { destination in
            for pixel in 0..<count {
                // The samples are inverted: 255 is no ink. Pillow computes K - (255 - C)·K/255, rounded.
                let black = Int32(cmyk[4 * pixel + 3])
                for channel in 0..<3 {
                    let product = (255 - Int32(cmyk[4 * pixel + channel])) * black + 128
                    destination[3 * pixel + channel] = UInt8(max(0, black - ((product >> 8) + product) >> 8))
                }
            }
        }
    }

    private func decompress(
        _ bytes: [UInt8], _ header: Header, to destination: UnsafeMutablePointer<UInt8>, format: TJPF, path: String
    ) throws {
        try bytes.withUnsafeBufferPointer { buffer in
            let status = tjDecompress2(
                handle, buffer.baseAddress, UInt(buffer.count), destination, Int32(header.size.width), 0,
                Int32(header.size.height), Int32(format.rawValue), TJFLAG_LIMITSCANS)
            guard status != 0 else { return }
            guard tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue), isHarmless(lastMessage),
                JPEGSegments(bytes: buffer).hasEndOfImage()
            else { throw try corruption(path: path) }
        }
    }

    // MARK: Errors

    private var lastMessage: String { String(cString: tjGetErrorStr2(handle)) }

    /// Whether a warning leaves the pixels intact. The library keeps the text of the first warning only, so a
    /// truncation behind a harmless one has to be looked for separately.
    private func isHarmless(_ warning: String) -> Bool {
        ["extraneous bytes before marker", "unknown JFIF revision", "Unknown Adobe color transform", "Invalid SOS"]
            .contains { warning.contains($0) }
    }

    /// The error of the call that just failed. Renews the handle: libjpeg-turbo 2.1 leaves it in the middle of a header
    /// that it cannot read, and would go on from there with the next image.
    private func corruption(path: String) throws -> ImageError {
        let message = lastMessage
        let fresh = try Self.makeHandle()
        tjDestroy(handle)
        handle = fresh
        let isTruncated = isHarmless(message) || message.contains("Premature end of JPEG file")
        return .corrupt(
            path: path, format: .jpeg, reason: isHarmless(message) ? "no end-of-image marker" : message,
            truncated: isTruncated)
    }
}
