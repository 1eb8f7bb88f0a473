import Datasets

extension Heatmap {
    /// The map in colours, one pixel a cell.
    /// - Parameter range: the values that get the first and the last colour; the map's own least and greatest if nil.
    public func image(_ colors: ColorMap = .viridis, over range: ClosedRange<Float>? = nil) -> RGBImage {
        let range = range ?? self.range
        let width = range.upperBound - range.lowerBound
        return RGBImage(width: self.width, height: height) { destination in
            for (index, value) in values.enumerated() {
                // A map of equal values shows none as the greatest.
                let color = colors.color(width > 0 ? (value - range.lowerBound) / width : 0)
                for channel in 0..<3 { destination[3 * index + channel] = UInt8(color[channel].rounded()) }
            }
        }
    }

    /// The map, resized to an image and in colours, over the image in grey.
    /// - Parameters:
    ///   - opacity: of the colours, from 0 to 1.
    ///   - range: as `image(_:over:)` has it; the cells' own if nil.
    public func overlay(
        on image: RGBImage, opacity: Float = 0.6, _ colors: ColorMap = .viridis, over range: ClosedRange<Float>? = nil
    ) -> RGBImage {
        let colored = resized(to: image.size).image(colors, over: range ?? self.range)
        let grey = image.adjustingSaturation(by: 0)
        return grey.withUnsafeSamples { below in
            colored.withUnsafeSamples { above in
                RGBImage(width: image.width, height: image.height) { destination in
                    for index in below.indices {
                        let mixed = Float(below[index]) * (1 - opacity) + Float(above[index]) * opacity
                        destination[index] = UInt8(mixed.rounded())
                    }
                }
            }
        }
    }
}
