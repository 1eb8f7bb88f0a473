/// What one file of a data set turned out to be.
struct InspectedImage: Sendable {
    enum State: Sendable {
        case readable(ImageSize, ImageFormat, hash: UInt64, byteCount: Int)
        case missing
        case unreadable(reason: String)
    }

    let sample: ImageSample
    let state: State

    /// Reads and decodes the whole file.
    init(_ sample: ImageSample, reader: ImageReader) {
        self.sample = sample
        do {
            let bytes = try readFile(sample.path)
            let size = try reader.picture(of: sample, in: bytes).size
            guard let format = FileSignature.format(of: bytes) else { preconditionFailure("decoded, so known") }
            state = .readable(size, format, hash: fnv1a(bytes), byteCount: bytes.count)
        } catch ImageError.unreadable(let path, let reason) {
            state = isThere(path) ? .unreadable(reason: reason) : .missing
        } catch {
            state = .unreadable(reason: String(describing: error))
        }
    }

    var size: ImageSize? {
        if case .readable(let size, _, _, _) = state { size } else { nil }
    }

    /// Whether the file's name says another format than its content.
    var hasLyingName: Bool {
        guard case .readable(_, let format, _, _) = state else { return false }
        let name = sample.path.lowercased()
        return !format.extensions.contains { name.hasSuffix(".\($0)") }
    }

    /// Whether the object's box reaches beyond the image by a pixel or more.
    var isBoxOutside: Bool {
        guard let size, let box = sample.box else { return false }
        // The credit below a picture is cut off, not the box.
        let height = Double(size.height + sample.creditRows)
        return box.x <= -1 || box.y <= -1 || box.x + box.width >= Double(size.width) + 1
            || box.y + box.height >= height + 1
    }
}

extension ImageFormat {
    fileprivate var extensions: [String] {
        switch self {
        case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
        case .png: ["png"]
        }
    }
}
