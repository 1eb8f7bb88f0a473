import Kernels
import Tensors

/// How the harness gives a backend its operands and reads its results.
extension Backend {
    /// An (N, C, H, W) operand in the backend's layout.
    func activation(_ values: DoubleTensor) -> Tensor {
        Tensor(values.floats, shape: values.shape, layout: activationLayout, pool: pool)
    }

    func rowMajor(_ values: DoubleTensor) -> Tensor {
        Tensor(values.floats, shape: values.shape, pool: pool)
    }

    /// A filter in the layout that the backend asks for.
    func filter(_ values: DoubleTensor, _ geometry: ConvolutionGeometry, input: Shape) -> Tensor {
        let filter = Tensor(values.shape, layout: filterLayout(for: geometry, input: input), pool: pool)
        copyElements(from: rowMajor(values), to: filter)
        return filter
    }

    /// Somewhere to write a gradient: NaN, so that adding to it shows.
    func gradientSpace(_ shape: Shape) -> Tensor {
        Tensor(Array(repeating: .nan, count: shape.elementCount), shape: shape, pool: pool)
    }

    func filterGradientSpace(_ geometry: ConvolutionGeometry, input: Shape) -> Tensor {
        filter(DoubleTensor.zeros(geometry.filterShape).map { _ in .nan }, geometry, input: input)
    }

    /// An (N, C, H, W) result, which must be in the activation layout.
    func observe(activation tensor: Tensor, _ name: String) -> Observation {
        var observation = observe(tensor, name)
        if tensor.layout != activationLayout {
            observation.defects.append("is in layout \(tensor.layout), not \(activationLayout)")
        }
        return observation
    }

    func observe(_ tensor: Tensor, _ name: String) -> Observation {
        let unpacked = Tensor(tensor.shape, pool: pool)
        if case .packed = tensor.layout {
            copyElements(from: tensor, to: unpacked)
        } else {
            unpacked.copy(from: tensor.elements)
        }
        let elements = unpacked.elements
        var observation = Observation(name, DoubleTensor(elements.map(Double.init), shape: tensor.shape))
        // Whatever is stored beyond the elements must be zero, wherever the layout puts it.
        let stored = tensor.withUnsafeBufferPointer { $0.count { $0 != 0 } }
        let logical = elements.count { $0 != 0 }
        if stored != logical {
            observation.defects.append("has \(stored - logical) padding elements that are not zero")
        }
        return observation
    }
}
