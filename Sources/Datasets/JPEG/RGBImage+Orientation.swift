extension RGBImage {
    /// The upright image of one stored with `orientation`.
    public func upright(from orientation: ImageOrientation) -> RGBImage {
        if orientation == .upright { return self }
        let size = orientation.upright(size)
        // The stored place of the upright pixel (x, y) is start + x·right + y·down, in pixels.
        let (start, right, down) = placement(of: orientation)
        return withUnsafeSamples { source in
            RGBImage(width: size.width, height: size.height) { destination in
                var to = 0
                for y in 0..<size.height {
                    var from = 3 * (start + y * down)
                    for _ in 0..<size.width {
                        destination[to] = source[from]
                        destination[to + 1] = source[from + 1]
                        destination[to + 2] = source[from + 2]
                        to += 3
                        from += 3 * right
                    }
                }
            }
        }
    }

    private func placement(of orientation: ImageOrientation) -> (start: Int, right: Int, down: Int) {
        let lastColumn = width - 1
        let lastRow = (height - 1) * width
        switch orientation {
        case .upright: return (0, 1, width)
        case .mirrored: return (lastColumn, -1, width)
        case .upsideDown: return (lastRow + lastColumn, -1, -width)
        case .mirroredUpsideDown: return (lastRow, 1, -width)
        case .transposed: return (0, width, 1)
        case .turnedLeft: return (lastRow, -width, 1)
        case .transverse: return (lastRow + lastColumn, -width, -1)
        case .turnedRight: return (lastColumn, width, -1)
        }
    }
}
