import Tensors

extension RandomGenerator {
    /// PyTorch's default weights of a layer with `inputs` inputs an output: uniform in ±1/√inputs.
    mutating func defaultWeights(_ count: Int, inputs: Int) -> [Float] {
        let bound = 1 / Double(inputs).squareRoot()
        return (0..<count).map { _ in Float(uniform(-bound, bound)) }
    }
}
