import Tensors

extension ReferenceBackend {
    public func convolution(_ input: Tensor, filter: Tensor, geometry: ConvolutionGeometry) -> Tensor {
        requireRowMajor(input, filter)
        require(filter, hasShape: geometry.filterShape, "the filter")
        let output = makeTensor(geometry.outputShape(for: input.shape))
        let columns = ImageColumns(input: input.shape, geometry: geometry)
        let workspace = makeWorkspace(columns)
        withExtendedLifetime((input, filter, output, workspace)) {
            let weights = MatrixOperand(filter.pointer, rows: geometry.outputChannels, columns: columns.rows)
            for n in 0..<input.shape.batch {
                let image = input.pointer + n * columns.imageCount
                if let workspace { columns.gather(image, into: workspace.pointer) }
                let windows = MatrixOperand(
                    workspace?.pointer ?? image, rows: columns.rows, columns: columns.columns)
                multiply(weights, windows, into: output.pointer + n * columns.outputCount)
            }
        }
        return output
    }

    public func convolutionInputGradient(
        _ outputGradient: Tensor, filter: Tensor, inputShape: Shape, geometry: ConvolutionGeometry
    ) -> Tensor {
        requireRowMajor(outputGradient, filter)
        require(filter, hasShape: geometry.filterShape, "the filter")
        require(outputGradient, hasShape: geometry.outputShape(for: inputShape), "the output gradient")
        let columns = ImageColumns(input: inputShape, geometry: geometry)
        let workspace = makeWorkspace(columns)
        let inputGradient = workspace == nil ? makeTensor(inputShape) : makeZeros(inputShape)
        withExtendedLifetime((outputGradient, filter, inputGradient, workspace)) {
            let weights = MatrixOperand(filter.pointer, rows: geometry.outputChannels, columns: columns.rows)
            for n in 0..<inputShape.batch {
                let image = inputGradient.pointer + n * columns.imageCount
                let gradient = MatrixOperand(
                    outputGradient.pointer + n * columns.outputCount, rows: geometry.outputChannels,
                    columns: columns.columns)
                multiply(weights.transposed, gradient, into: workspace?.pointer ?? image)
                if let workspace { columns.scatter(workspace.pointer, addingTo: image) }
            }
        }
        return inputGradient
    }

    public func convolutionFilterGradient(
        _ outputGradient: Tensor, input: Tensor, into filterGradient: Tensor, geometry: ConvolutionGeometry
    ) {
        requireRowMajor(outputGradient, input, filterGradient)
        require(filterGradient, hasShape: geometry.filterShape, "the filter gradient")
        require(outputGradient, hasShape: geometry.outputShape(for: input.shape), "the output gradient")
        let columns = ImageColumns(input: input.shape, geometry: geometry)
        let workspace = makeWorkspace(columns)
        if input.shape.batch == 0 { filterGradient.zero() }
        withExtendedLifetime((outputGradient, input, filterGradient, workspace)) {
            for n in 0..<input.shape.batch {
                let image = input.pointer + n * columns.imageCount
                if let workspace { columns.gather(image, into: workspace.pointer) }
                let windows = MatrixOperand(
                    workspace?.pointer ?? image, rows: columns.rows, columns: columns.columns)
                let gradient = MatrixOperand(
                    outputGradient.pointer + n * columns.outputCount, rows: geometry.outputChannels,
                    columns: columns.columns)
                multiply(gradient, windows.transposed, into: filterGradient.pointer, accumulating: n > 0)
            }
        }
    }

    /// Room for one image's columns; nil where the image serves as its own matrix.
    private func makeWorkspace(_ columns: ImageColumns) -> Tensor? {
        columns.isIdentity ? nil : makeTensor([columns.rows, columns.columns])
    }
}

extension ImageColumns {
    /// C·H·W
    fileprivate var imageCount: Int { channels * height * width }
    /// O·OH·OW
    fileprivate var outputCount: Int { geometry.outputChannels * columns }
}
