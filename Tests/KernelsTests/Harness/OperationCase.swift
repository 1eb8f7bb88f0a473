import Kernels
import Tensors
import Testing

/// One operation, forward and backward, at one shape.
protocol OperationCase: Sendable, CustomTestStringConvertible {
    /// Row-major inputs, output gradients among them.
    func operands(from source: inout OperandSource) -> [DoubleTensor]
    /// Everything the backend computes from them.
    func run(_ operands: [DoubleTensor], on backend: any Backend) -> [Observation]
}

/// An operation that an oracle, in double precision and by direct loops, computes too.
protocol OracleCase: OperationCase {
    /// Whether small integers give results that single precision holds exactly.
    var isExactOnIntegers: Bool { get }
    /// What `run` should observe, in the same order.
    func expected(_ operands: [DoubleTensor]) -> [Observation]
}

extension OracleCase {
    var isExactOnIntegers: Bool { true }
}

/// An operation whose gradients can be measured by moving its operands.
protocol DifferentiableCase: OperationCase {
    /// Σ y·g, by the oracle's forward.
    func loss(_ operands: [DoubleTensor]) -> Double
    /// The observations of `run` that claim to be gradients of the loss, and by which operand.
    var gradients: [(observation: String, operand: Int)] { get }
}

/// One result of a case.
struct Observation {
    let name: String
    let values: DoubleTensor
    /// What is wrong with the tensor that held it, apart from its values.
    var defects: [String] = []
}

extension Observation {
    init(_ name: String, _ values: DoubleTensor) {
        self.init(name: name, values: values)
    }

    /// Per-channel or other flat numbers.
    init(_ name: String, _ values: [Double]) {
        self.init(name: name, values: DoubleTensor(values, shape: [values.count]))
    }
}
