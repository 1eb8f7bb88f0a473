/// The formats that images are read in; the raw value is how errors name them.
public enum ImageFormat: String, Sendable {
    /// ITU-T T.81, as JFIF or Exif wrap it.
    case jpeg = "JPEG"
    /// ISO/IEC 15948.
    case png = "PNG"
}

/// What a file is, from its first bytes.
enum FileSignature {
    static func format(of bytes: [UInt8]) -> ImageFormat? {
        if isJPEG(bytes) { return .jpeg }
        return bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? .png : nil
    }

    static func isJPEG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0xFF, 0xD8, 0xFF]) }

    /// As in “a PNG image”; nil if unknown.
    static func content(of bytes: [UInt8]) -> String? {
        if let known = binary.first(where: { bytes.starts(with: $0.start) }) { return known.content }
        if bytes.count >= 12 {
            if bytes[4..<8].elementsEqual("ftyp".utf8) { return "a HEIC, AVIF or MP4 file" }
            if bytes.starts(with: Array("RIFF".utf8)), bytes[8..<12].elementsEqual("WEBP".utf8) {
                return "a WebP image"
            }
        }
        let text = String(decoding: bytes.prefix(256), as: UTF8.self).lowercased().drop(while: \.isWhitespace)
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "a web page (HTML)" }
        if text.hasPrefix("<?xml") || text.hasPrefix("<svg") { return "XML or SVG" }
        if text.hasPrefix("version https://git-lfs") { return "a Git LFS pointer, not the file itself" }
        return bytes.prefix(256).allSatisfy { (32..<127).contains($0) || (9...13).contains($0) } ? "text" : nil
    }

    private static let binary: [(start: [UInt8], content: String)] = [
        ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
        (Array("GIF8".utf8), "a GIF image"),
        (Array("BM".utf8), "a BMP image"),
        (Array("II*\0".utf8), "a TIFF image"),
        (Array("MM\0*".utf8), "a TIFF image"),
        ([0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 image"),
        ([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 image"),
        ([0xFF, 0x0A], "a JPEG XL image"),
        (Array("%PDF".utf8), "a PDF file"),
        (Array("PK\u{3}\u{4}".utf8), "a zip archive"),
        ([0x1F, 0x8B], "a gzip archive"),
    ]
}
