/// The marker segments of a JPEG file (ITU-T T.81, annex B), read without trust: every index is checked.
struct JPEGSegments {
    let bytes: UnsafeBufferPointer<UInt8>

    struct Segment {
        let marker: UInt8
        /// The segment's content, after its length.
        let content: Range<Int>
    }

    /// The segments between SOI and the first SOS, which is included; stops where the file makes no sense.
    func header() -> [Segment] {
        var segments: [Segment] = []
        var position = 2
        while let segment = segment(from: &position) {
            segments.append(segment)
            if segment.marker == 0xDA { break }
        }
        return segments
    }

    /// Whether an end-of-image marker follows the first scan: entropy-coded data cannot contain one.
    func hasEndOfImage() -> Bool {
        guard let scan = header().last, scan.marker == 0xDA else { return false }
        var position = scan.content.upperBound
        while position + 1 < bytes.count {
            if bytes[position] == 0xFF, bytes[position + 1] == 0xD9 { return true }
            position += 1
        }
        return false
    }

    private func segment(from position: inout Int) -> Segment? {
        // Bytes before a marker are passed over, as decoders do; a marker may be preceded by any number of FF.
        while position < bytes.count, bytes[position] != 0xFF { position += 1 }
        while position < bytes.count, bytes[position] == 0xFF { position += 1 }
        guard position < bytes.count else { return nil }
        let marker = bytes[position]
        position += 1
        if marker == 0 || marker == 0x01 || (0xD0...0xD9).contains(marker) {
            return Segment(marker: marker, content: position..<position)
        }
        guard position + 2 <= bytes.count else { return nil }
        let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        guard length >= 2, position + length <= bytes.count else { return nil }
        let content = position + 2..<position + length
        position += length
        return Segment(marker: marker, content: content)
    }
}
