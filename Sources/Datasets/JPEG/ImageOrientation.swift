/// How the stored pixels must be turned to stand upright: the Orientation tag of EXIF 2.3 (tag 0x0112).
public enum ImageOrientation: Int, Sendable, CaseIterable {
    /// As stored.
    case upright = 1
    /// Mirrored left to right.
    case mirrored = 2
    /// Turned by 180°.
    case upsideDown = 3
    /// Mirrored top to bottom.
    case mirroredUpsideDown = 4
    /// Mirrored at the diagonal from top left to bottom right.
    case transposed = 5
    /// Turned by 90° counter-clockwise: to be turned clockwise.
    case turnedLeft = 6
    /// Mirrored at the diagonal from top right to bottom left.
    case transverse = 7
    /// Turned by 90° clockwise: to be turned counter-clockwise.
    case turnedRight = 8

    /// Whether upright width and height are the stored height and width.
    public var exchangesAxes: Bool { rawValue >= 5 }

    /// The size of the upright image.
    func upright(_ size: ImageSize) -> ImageSize {
        exchangesAxes ? ImageSize(width: size.height, height: size.width) : size
    }
}

extension ImageOrientation {
    /// The orientation in the first Exif segment of a JPEG; `upright` where there is none or it makes no sense.
    init(jpeg bytes: UnsafeBufferPointer<UInt8>) {
        let signature: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif\0\0"
        for segment in JPEGSegments(bytes: bytes).header() where segment.marker == 0xE1 {
            let content = UnsafeBufferPointer(rebasing: bytes[segment.content])
            if content.starts(with: signature) {
                self = Self(tiff: UnsafeBufferPointer(rebasing: content.dropFirst(signature.count))) ?? .upright
                return
            }
        }
        self = .upright
    }

    /// Looks the tag up in the first directory of a TIFF structure.
    private init?(tiff: UnsafeBufferPointer<UInt8>) {
        guard tiff.count >= 8, tiff[0] == tiff[1], tiff[0] == 0x49 || tiff[0] == 0x4D else { return nil }
        let littleEndian = tiff[0] == 0x49
        func number(at position: Int, bytes count: Int) -> Int? {
            guard position >= 0, position + count <= tiff.count else { return nil }
            let digits = tiff[position..<position + count]
            return littleEndian
                ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
            let entries = number(at: directory, bytes: 2)
        else { return nil }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard let tag = number(at: start, bytes: 2) else { return nil }
            guard tag == 0x0112 else { continue }
            // Type 3: the 16-bit value stands at the start of the value field.
            guard number(at: start + 2, bytes: 2) == 3, let value = number(at: start + 8, bytes: 2) else { return nil }
            self.init(rawValue: value)
            return
        }
        return nil
    }
}
