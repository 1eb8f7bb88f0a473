/// Colours for numbers from 0 to 1, in between those of equally spaced anchors.
public struct ColorMap: Hashable, Sendable {
    private let anchors: [SIMD3<Float>]

    /// - Precondition: at least two anchors, each 0xRRGGBB.
    public init(anchors: [UInt32]) {
        precondition(anchors.count > 1, "a colour map goes from one colour to another")
        self.anchors = anchors.map {
            SIMD3(Float($0 >> 16 & 255), Float($0 >> 8 & 255), Float($0 & 255))
        }
    }

    /// Matplotlib's viridis (Smith and van der Walt, 2015): from dark blue to yellow. Its lightness grows evenly, so that
    /// equal steps look equal, in grey and to most colour-blind eyes too.
    public static let viridis = ColorMap(anchors: [
        0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725,
    ])

    /// Red, green and blue from 0 to 255. What is below 0, above 1 or not a number gets the nearest, or the first, colour.
    public func color(_ value: Float) -> SIMD3<Float> {
        let place = (value > 0 ? min(value, 1) : 0) * Float(anchors.count - 1)
        let lower = min(Int(place), anchors.count - 2)
        let part = place - Float(lower)
        return anchors[lower] * (1 - part) + anchors[lower + 1] * part
    }
}
