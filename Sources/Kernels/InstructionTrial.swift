import CVectors
import Tensors

/// A small computation with a known result, by instructions that not every CPU has.
///
/// A process that tries what its CPU, or the virtual machine around it, cannot do is ended by a signal: run it in one of its
/// own.
public enum InstructionTrial: String, CaseIterable, Codable, Sendable {
    /// AVX2 and FMA.
    case avx2
    /// AVX-512 F, BW, DQ and VL.
    case avx512
    /// The kernels that oneDNN chooses on this CPU.
    case oneDNN = "onednn"
    /// The kernels that OpenBLAS chooses.
    case openBLAS = "openblas"

    /// The features by which Linux' `/proc/cpuinfo` announces what this tries; none for the libraries, which look themselves.
    public var cpuFlags: Set<String> {
        switch self {
        case .avx2: ["avx2", "fma"]
        case .avx512: ["avx512f", "avx512bw", "avx512dq", "avx512vl"]
        case .oneDNN, .openBLAS: []
        }
    }

    /// Whether the result is exactly right.
    public func isCorrect() -> Bool {
        switch self {
        case .avx2: Self.isCorrect(CVectors_tryAVX2)
        case .avx512: Self.isCorrect(CVectors_tryAVX512)
        case .oneDNN: Self.convolutionIsCorrect()
        case .openBLAS: Self.matrixProductIsCorrect()
        }
    }

    private static func isCorrect(
        _ compute: (Float, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int32) -> Bool
    ) -> Bool {
        let x = (0..<64).map { Float($0 % 7) - 3 }
        var y = (0..<64).map { Float($0 % 5) }
        let expected = y.indices.map { 3 * x[$0] + y[$0] + Float($0) }
        return compute(3, x, &y, Int32(y.count)) && y == expected
    }

    /// On small integers, whose sums are exact.
    private static func convolutionIsCorrect() -> Bool {
        let geometry = ConvolutionGeometry(inputChannels: 32, outputChannels: 32, kernel: 3, padding: 1)
        let input = integers([2, 32, 9, 9], modulus: 5)
        let filter = integers(geometry.filterShape, modulus: 3)
        let expected = ReferenceBackend(threads: 1).convolution(input, filter: filter, geometry: geometry)
        let backend = AcceleratedBackend(threads: 1, convolutionMethod: .direct)
        let blocked = Tensor(input.elements, shape: input.shape, layout: backend.activationLayout)
        return backend.convolution(blocked, filter: filter, geometry: geometry).elements == expected.elements
    }

    private static func matrixProductIsCorrect() -> Bool {
        let (rows, columns, inner) = (33, 17, 40)
        let x = integers([rows, inner], modulus: 7)
        let weight = integers([columns, inner], modulus: 5)
        let output = ReferenceBackend(threads: 1).linear(x, weight: weight, bias: .zeros([columns]))
        let (a, b) = (x.elements, weight.elements)
        let expected = (0..<rows * columns).map { place in
            (0..<inner).reduce(Float(0)) { sum, k in
                sum + a[place / columns * inner + k] * b[place % columns * inner + k]
            }
        }
        return output.elements == expected
    }

    private static func integers(_ shape: Shape, modulus: Int) -> Tensor {
        Tensor((0..<shape.elementCount).map { Float($0 % modulus) - 1 }, shape: shape)
    }
}
