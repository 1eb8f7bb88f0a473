extension RGBImage {
    /// An antialiased bilinear resize, the same bit for bit as Pillow's `crop(box).resize(size, BILINEAR)`: horizontally
    /// and then vertically, with 8 bits in between.
    ///
    /// - Parameters:
    ///   - size: of the whole result.
    ///   - source: the part of this image to resize; pixels outside do not count. The whole image if nil.
    ///   - kept: the part of the result to compute, as if it were cropped afterwards. All of it if nil.
    /// - Precondition: `source` lies in the image and `kept` in `size`.
    public func resized(
        to size: ImageSize, from source: PixelRect? = nil, keeping kept: PixelRect? = nil
    ) -> RGBImage {
        let source = source ?? PixelRect(self.size)
        let kept = kept ?? PixelRect(size)
        precondition(source.lies(in: self.size), "\(source) is no part of an image of \(self.size)")
        precondition(kept.lies(in: size), "\(kept) is no part of an image of \(size)")

        let columns = kept.x..<kept.x + kept.width
        let rows = kept.y..<kept.y + kept.height
        if source.size == size {
            return cropped(
                to: PixelRect(x: source.x + kept.x, y: source.y + kept.y, width: kept.width, height: kept.height))
        }
        let vertical = ResampleFilter(from: source.height, to: size.height, kept: rows)
        let neededRows = vertical.inputRows
        let band = PixelRect(
            x: source.x, y: source.y + neededRows.lowerBound, width: source.width, height: neededRows.count)
        let narrowed =
            source.width == size.width
            ? cropped(to: PixelRect(x: band.x + kept.x, y: band.y, width: kept.width, height: band.height))
            : resampledHorizontally(ResampleFilter(from: source.width, to: size.width, kept: columns), from: band)
        return source.height == size.height
            ? narrowed : narrowed.resampledVertically(vertical, firstRow: neededRows.lowerBound)
    }

    /// Each row of `band` through `filter`.
    private func resampledHorizontally(_ filter: ResampleFilter, from band: PixelRect) -> RGBImage {
        RGBImage(width: filter.taps.count, height: band.height) { destination in
            withUnsafeSamples { samples in
                filter.weights.withUnsafeBufferPointer { weights in
                    filter.taps.withUnsafeBufferPointer { taps in
                        guard let base = samples.baseAddress, let weights = weights.baseAddress else { return }
                        for row in 0..<band.height {
                            horizontalPass(
                                base + 3 * ((band.y + row) * width + band.x), taps: taps, weights: weights,
                                stride: filter.stride, to: destination + 3 * row * taps.count)
                        }
                    }
                }
            }
        }
    }

    /// Each column through `filter`, whose row `firstRow` is this image's row 0.
    private func resampledVertically(_ filter: ResampleFilter, firstRow: Int) -> RGBImage {
        let rowBytes = 3 * width
        return RGBImage(width: width, height: filter.taps.count) { destination in
            withUnsafeSamples { samples in
                filter.weights.withUnsafeBufferPointer { weights in
                    guard let base = samples.baseAddress, let weights = weights.baseAddress else { return }
                    for (row, taps) in filter.taps.enumerated() {
                        verticalPass(
                            base + (taps.start - firstRow) * rowBytes, rowBytes: rowBytes, count: taps.count,
                            weights: weights + row * filter.stride, to: destination + row * rowBytes)
                    }
                }
            }
        }
    }
}

extension ResampleFilter {
    /// All input pixels that the taps touch.
    fileprivate var inputRows: Range<Int> {
        let start = taps.map(\.start).min() ?? 0
        let end = taps.map { $0.start + $0.count }.max() ?? 0
        return start..<end
    }
}

private let half = Int32(1) << (ResampleFilter.precision - 1)

/// One row: `source` is (W, 3) bytes, followed by at least one more readable byte.
private func horizontalPass(
    _ source: UnsafePointer<UInt8>, taps: UnsafeBufferPointer<ResampleFilter.Taps>, weights: UnsafePointer<Int32>,
    stride: Int, to destination: UnsafeMutablePointer<UInt8>
) {
    for (pixel, tap) in taps.enumerated() {
        var sum = SIMD4<Int32>(repeating: half)
        let first = UnsafeRawPointer(source + 3 * tap.start)
        let weight = weights + pixel * stride
        for index in 0..<tap.count {
            // Red, green, blue and a byte of the next pixel, which is not used.
            let rgb = first.loadUnaligned(fromByteOffset: 3 * index, as: SIMD4<UInt8>.self)
            sum &+= SIMD4<Int32>(truncatingIfNeeded: rgb) &* weight[index]
        }
        // Weights are not negative and sum to 1 up to rounding, so only the upper bound can be passed.
        let result = (sum &>> ResampleFilter.precision).clamped(
            lowerBound: .zero, upperBound: SIMD4(repeating: 255))
        destination[3 * pixel] = UInt8(truncatingIfNeeded: result[0])
        destination[3 * pixel + 1] = UInt8(truncatingIfNeeded: result[1])
        destination[3 * pixel + 2] = UInt8(truncatingIfNeeded: result[2])
    }
}

/// One output row from `count` input rows of `rowBytes` bytes.
private func verticalPass(
    _ source: UnsafePointer<UInt8>, rowBytes: Int, count: Int, weights: UnsafePointer<Int32>,
    to destination: UnsafeMutablePointer<UInt8>
) {
    typealias Bytes = SIMD16<UInt8>
    var column = 0
    while column + Bytes.scalarCount <= rowBytes {
        var sum = SIMD16<Int32>(repeating: half)
        for row in 0..<count {
            let bytes = UnsafeRawPointer(source + row * rowBytes + column).loadUnaligned(as: Bytes.self)
            sum &+= SIMD16<Int32>(truncatingIfNeeded: bytes) &* weights[row]
        }
        let result = (sum &>> ResampleFilter.precision).clamped(
            lowerBound: .zero, upperBound: SIMD16(repeating: 255))
        UnsafeMutableRawPointer(destination + column).storeBytes(
            of: Bytes(truncatingIfNeeded: result), as: Bytes.self)
        column += Bytes.scalarCount
    }
    while column < rowBytes {
        var sum = half
        for row in 0..<count { sum &+= Int32(source[row * rowBytes + column]) &* weights[row] }
        destination[column] = UInt8(truncatingIfNeeded: min(sum >> ResampleFilter.precision, 255))
        column += 1
    }
}
