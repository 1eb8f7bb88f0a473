import Tensors

/// The fixed part of a 2-D convolution, without bias or dilation; the input's N, H and W vary from call to call.
public struct ConvolutionGeometry: Hashable, Sendable {
    /// I
    public let inputChannels: Int
    /// O
    public let outputChannels: Int
    /// KH
    public let kernelHeight: Int
    /// KW
    public let kernelWidth: Int
    /// The same in both directions.
    public let stride: Int
    /// Rows and columns of zeros on each side.
    public let padding: Int

    /// - Precondition: sizes are above 0, the padding is not negative.
    public init(
        inputChannels: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int = 1, padding: Int = 0
    ) {
        precondition(inputChannels > 0 && outputChannels > 0, "a convolution needs channels")
        precondition(
            kernelHeight > 0 && kernelWidth > 0 && stride > 0 && padding >= 0, "impossible convolution geometry")
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.padding = padding
    }

    /// A square kernel.
    public init(inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
        self.init(
            inputChannels: inputChannels, outputChannels: outputChannels, kernelHeight: kernel, kernelWidth: kernel,
            stride: stride, padding: padding)
    }

    /// (O, I, KH, KW), PyTorch's order.
    public var filterShape: Shape { [outputChannels, inputChannels, kernelHeight, kernelWidth] }

    /// Floating-point operations of the direct sum on an input of this shape; a multiply-add counts as two.
    public func operations(for input: Shape) -> Int {
        2 * outputShape(for: input).elementCount * inputChannels * kernelHeight * kernelWidth
    }

    /// (N, O, ⌊(H + 2p - KH)/s⌋ + 1, ⌊(W + 2p - KW)/s⌋ + 1)
    /// - Precondition: the padded input is at least as large as the kernel and has the right number of channels.
    public func outputShape(for input: Shape) -> Shape {
        precondition(
            input.channels == inputChannels, "a convolution of \(inputChannels) channels was given \(input)")
        let height = input.height + 2 * padding - kernelHeight
        let width = input.width + 2 * padding - kernelWidth
        precondition(height >= 0 && width >= 0, "an input of \(input) is smaller than the kernel")
        return [input.batch, outputChannels, height / stride + 1, width / stride + 1]
    }
}

/// Windows of a max pooling. Positions outside the input count as minus infinity, as in PyTorch.
public struct PoolingGeometry: Hashable, Sendable {
    /// Side of a window, k.
    public let kernel: Int
    /// Rows or columns from one window to the next, s.
    public let stride: Int
    /// Rows and columns around the input, p.
    public let padding: Int

    /// - Precondition: every window meets the input (padding is less than the kernel).
    public init(kernel: Int, stride: Int, padding: Int = 0) {
        precondition(kernel > 0 && stride > 0 && padding >= 0 && padding < kernel, "impossible pooling geometry")
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// (N, C, ⌊(H + 2p - k)/s⌋ + 1, ⌊(W + 2p - k)/s⌋ + 1)
    public func outputShape(for input: Shape) -> Shape {
        [
            input.batch, input.channels, (input.height + 2 * padding - kernel) / stride + 1,
            (input.width + 2 * padding - kernel) / stride + 1,
        ]
    }
}
