import Tensors

/// The windows of a convolution over one image (C, H, W), laid out as the columns of a matrix
/// (C·KH·KW, OH·OW), so that the convolution becomes the product of the filter (O, C·KH·KW) with it.
struct ImageColumns {
    let channels: Int
    let height: Int
    let width: Int
    let outputHeight: Int
    let outputWidth: Int
    let geometry: ConvolutionGeometry

    /// - Parameter input: Shape (N, C, H, W) of the images.
    init(input: Shape, geometry: ConvolutionGeometry) {
        let output = geometry.outputShape(for: input)
        channels = input.channels
        height = input.height
        width = input.width
        outputHeight = output.height
        outputWidth = output.width
        self.geometry = geometry
    }

    /// C·KH·KW
    var rows: Int { channels * geometry.kernelHeight * geometry.kernelWidth }
    /// OH·OW
    var columns: Int { outputHeight * outputWidth }
    /// The image is its own matrix.
    var isIdentity: Bool {
        geometry.kernelHeight == 1 && geometry.kernelWidth == 1 && geometry.stride == 1 && geometry.padding == 0
    }

    /// Fills `matrix` from `image`; positions outside the image are zero.
    func gather(_ image: UnsafePointer<Float>, into matrix: UnsafeMutablePointer<Float>) {
        forEachRow { plane, row, v, u in
            let destinationRow = matrix + row * columns
            let (inside, firstColumn) = (insideColumns(v), v - geometry.padding)
            for i in 0..<outputHeight {
                let destination = destinationRow + i * outputWidth
                let sourceRow = i * geometry.stride + u - geometry.padding
                guard sourceRow >= 0 && sourceRow < height else {
                    destination.update(repeating: 0, count: outputWidth)
                    continue
                }
                let source = image + (plane * height + sourceRow) * width
                for j in 0..<inside.lowerBound { destination[j] = 0 }
                for j in inside { destination[j] = source[j * geometry.stride + firstColumn] }
                for j in inside.upperBound..<outputWidth { destination[j] = 0 }
            }
        }
    }

    /// Adds every element of `matrix` to the place in `image` that `gather` would take it from.
    func scatter(_ matrix: UnsafePointer<Float>, addingTo image: UnsafeMutablePointer<Float>) {
        forEachRow { plane, row, v, u in
            let sourceRow = matrix + row * columns
            let (inside, firstColumn) = (insideColumns(v), v - geometry.padding)
            for i in 0..<outputHeight {
                let destinationRow = i * geometry.stride + u - geometry.padding
                guard destinationRow >= 0 && destinationRow < height else { continue }
                let source = sourceRow + i * outputWidth
                let destination = image + (plane * height + destinationRow) * width
                for j in inside { destination[j * geometry.stride + firstColumn] += source[j] }
            }
        }
    }

    /// Output columns j for which j·s + v - p is inside the image.
    private func insideColumns(_ v: Int) -> Range<Int> {
        let stride = geometry.stride
        let offset = geometry.padding - v
        let lower = offset > 0 ? (offset + stride - 1) / stride : 0
        let upper = width + offset > 0 ? (width + offset + stride - 1) / stride : 0
        return min(lower, outputWidth)..<max(min(lower, outputWidth), min(upper, outputWidth))
    }

    private func forEachRow(_ body: (_ plane: Int, _ row: Int, _ v: Int, _ u: Int) -> Void) {
        var row = 0
        for plane in 0..<channels {
            for u in 0..<geometry.kernelHeight {
                for v in 0..<geometry.kernelWidth {
                    body(plane, row, v, u)
                    row += 1
                }
            }
        }
    }
}
