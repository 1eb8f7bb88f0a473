extension RGBImage {
    /// An antialiased bilinear resize, the same bit for bit as `crop(box).resize(size, BILINEAR)` of Pillow 13: one pass
    /// along each axis with 8 bits in between, the vertical one first where the height shrinks by more than twice as many
    /// pixels as the width. (Pillow 12 and earlier always begin with the horizontal pass; results then differ by rounding.)
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

        let horizontal = ResampleFilter(from: source.width, to: size.width, kept: kept.x..<kept.x + kept.width)
        let vertical = ResampleFilter(from: source.height, to: size.height, kept: kept.y..<kept.y + kept.height)
        let columns = horizontal.inputs.lowerBound + source.x..<horizontal.inputs.upperBound + source.x
        let rows = vertical.inputs.lowerBound + source.y..<vertical.inputs.upperBound + source.y
        let lostRows = source.height - size.height
        if horizontal.isIdentity || lostRows > max(0, 2 * (source.width - size.width)) {
            let shortened =
                vertical.isIdentity
                ? cropped(
                    to: PixelRect(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count))
                : resampledVertically(vertical, origin: source.y, columns: columns)
            return horizontal.isIdentity
                ? shortened
                : shortened.resampledHorizontally(
                    horizontal, origin: -horizontal.inputs.lowerBound, rows: 0..<shortened.height)
        }
        let narrowed = resampledHorizontally(horizontal, origin: source.x, rows: rows)
        return vertical.isIdentity
            ? narrowed
            : narrowed.resampledVertically(
                vertical, origin: -vertical.inputs.lowerBound, columns: 0..<narrowed.width)
    }

    /// The given rows through `filter`, whose input 0 is column `origin`.
    private func resampledHorizontally(_ filter: ResampleFilter, origin: Int, rows: Range<Int>) -> RGBImage {
        let rowBytes = 3 * filter.taps.count
        return RGBImage(width: filter.taps.count, height: rows.count) { destination in
            withUnsafeSamples { samples in
                filter.taps.withUnsafeBufferPointer { taps in
                    filter.weights.withUnsafeBufferPointer { weights in
                        guard let base = samples.baseAddress, let weights = weights.baseAddress else { return }
                        for (row, sourceRow) in rows.enumerated() {
                            horizontalPass(
                                base + 3 * (sourceRow * width + origin), taps: taps, weights: weights,
                                stride: filter.stride, to: destination + row * rowBytes)
                        }
                    }
                }
            }
        }
    }

    /// The given columns through `filter`, whose input 0 is row `origin`.
    private func resampledVertically(_ filter: ResampleFilter, origin: Int, columns: Range<Int>) -> RGBImage {
        RGBImage(width: columns.count, height: filter.taps.count) { destination in
            withUnsafeSamples { samples in
                filter.weights.withUnsafeBufferPointer { weights in
                    guard let base = samples.baseAddress, let weights = weights.baseAddress else { return }
                    for (row, taps) in filter.taps.enumerated() {
                        verticalPass(
                            base + 3 * ((origin + taps.start) * width + columns.lowerBound), sourceStride: 3 * width,
                            count: taps.count, weights: weights + row * filter.stride,
                            to: destination + 3 * row * columns.count, bytes: 3 * columns.count)
                    }
                }
            }
        }
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

/// One output row of `bytes` bytes from `count` input rows that lie `sourceStride` bytes apart.
private func verticalPass(
    _ source: UnsafePointer<UInt8>, sourceStride: Int, count: Int, weights: UnsafePointer<Int32>,
    to destination: UnsafeMutablePointer<UInt8>, bytes: Int
) {
    typealias Bytes = SIMD16<UInt8>
    var column = 0
    while column + Bytes.scalarCount <= bytes {
        var sum = SIMD16<Int32>(repeating: half)
        for row in 0..<count {
            let samples = UnsafeRawPointer(source + row * sourceStride + column).loadUnaligned(as: Bytes.self)
            sum &+= SIMD16<Int32>(truncatingIfNeeded: samples) &* weights[row]
        }
        let result = (sum &>> ResampleFilter.precision).clamped(
            lowerBound: .zero, upperBound: SIMD16(repeating: 255))
        UnsafeMutableRawPointer(destination + column).storeBytes(
            of: Bytes(truncatingIfNeeded: result), as: Bytes.self)
        column += Bytes.scalarCount
    }
    while column < bytes {
        var sum = half
        for row in 0..<count { sum &+= Int32(source[row * sourceStride + column]) &* weights[row] }
        destination[column] = UInt8(truncatingIfNeeded: min(sum >> ResampleFilter.precision, 255))
        column += 1
    }
}
