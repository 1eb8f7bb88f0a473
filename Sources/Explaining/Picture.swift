import Datasets

/// An image that is drawn on.
package struct Picture {
    package let width, height: Int
    private var samples: [UInt8]

    /// One colour, 0xRRGGBB.
    package init(width: Int, height: Int, color: UInt32) {
        self.width = width
        self.height = height
        samples = (0..<width * height).flatMap { _ in Self.samples(of: color) }
    }

    package var image: RGBImage { RGBImage(width: width, height: height, pixels: samples) }

    /// Draws an image whose top left pixel comes to (x, y); what lies outside is cut off.
    package mutating func draw(_ image: RGBImage, x: Int, y: Int) {
        let columns = max(0, -x)..<max(0, -x, min(image.width, width - x))
        let pixels = image.pixels
        for row in max(0, -y)..<max(0, -y, min(image.height, height - y)) {
            let start = 3 * ((y + row) * width + x + columns.lowerBound)
            let (first, last) = (row * image.width + columns.lowerBound, row * image.width + columns.upperBound)
            samples.replaceSubrange(start..<start + 3 * columns.count, with: pixels[3 * first..<3 * last])
        }
    }

    /// Writes a line of text whose top left corner comes to (x, y); what lies outside is cut off.
    mutating func write(_ text: String, x: Int, y: Int, color: UInt32, scale: Int = 1) {
        let ink = Self.samples(of: color)
        for (place, character) in BitmapFont.drawable(text).enumerated() {
            let left = x + place * BitmapFont.advance * scale
            for (column, bits) in BitmapFont.columns(of: character).enumerated() {
                for row in 0..<BitmapFont.height where bits >> row & 1 == 1 {
                    for dot in 0..<scale * scale {
                        let (dx, dy) = (column * scale + dot % scale, row * scale + dot / scale)
                        guard (0..<width).contains(left + dx), (0..<height).contains(y + dy) else { continue }
                        set(left + dx, y + dy, ink)
                    }
                }
            }
        }
    }

    private mutating func set(_ x: Int, _ y: Int, _ color: [UInt8]) {
        let start = 3 * (y * width + x)
        for channel in 0..<3 { samples[start + channel] = color[channel] }
    }

    private static func samples(of color: UInt32) -> [UInt8] {
        [UInt8(color >> 16 & 255), UInt8(color >> 8 & 255), UInt8(color & 255)]
    }
}
