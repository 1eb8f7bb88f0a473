import Kernels
import Tensors

/// One trainable tensor of a model.
public final class Parameter {
    /// PyTorch's name, such as `layer1.0.conv1.weight`.
    public let name: String
    /// The logical shape, PyTorch's.
    public let shape: Shape
    /// In the layout that the backend's kernels read.
    public private(set) var value: Tensor
    /// dLoss/dvalue, in the same layout; each backward pass overwrites it. An arena gives it its place, usually before it
    /// needs memory of its own.
    public private(set) lazy var gradient: Tensor = .zeros(shape, layout: value.layout)

    private let backend: any Backend

    /// - Parameters:
    ///   - name: PyTorch's name.
    ///   - shape: the logical shape, PyTorch's.
    ///   - layout: in which the backend's kernels read the value.
    ///   - elements: the initial value, row-major.
    ///   - backend: knows the layout.
    public init(name: String, shape: Shape, layout: Layout = .rowMajor, elements: [Float], backend: any Backend) {
        self.name = name
        self.shape = shape
        self.backend = backend
        value = Tensor(shape, layout: layout)
        self.elements = elements
    }

    /// The value, row-major.
    public var elements: [Float] {
        get { rowMajor(value) }
        set { backend.copyElements(from: Tensor(newValue, shape: shape), to: value) }
    }

    /// The gradient, row-major.
    public var gradientElements: [Float] { rowMajor(gradient) }

    /// A tensor with this parameter's shape and layout (an optimizer's state), row-major.
    public func rowMajor(_ tensor: Tensor) -> [Float] {
        let plain = Tensor(shape)
        backend.copyElements(from: tensor, to: plain)
        return plain.elements
    }

    /// Writes row-major elements into a tensor with this parameter's shape and layout.
    public func copy(_ elements: [Float], to tensor: Tensor) {
        backend.copyElements(from: Tensor(elements, shape: shape), to: tensor)
    }

    /// Moves the value to the given place, and the gradient, which starts there as it is.
    func move(value newValue: Tensor, gradient newGradient: Tensor) {
        newValue.copyStored(from: value)
        value = newValue
        gradient = newGradient
    }
}
