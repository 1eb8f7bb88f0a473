extension InferenceGraph {
    /// The same graph with every batch norm behind a convolution made part of the convolution, which gets a bias:
    /// weight w·γ/√(variance + ε), bias β - mean·γ/√(variance + ε), computed in double precision.
    public func foldingBatchNorms() -> InferenceGraph {
        var readers: [Value: Int] = [:]
        for input in nodes.flatMap(\.inputs) { readers[input, default: 0] += 1 }
        // By the value of the convolution in front.
        var norms: [Value: Node] = [:]
        for node in nodes {
            if case .batchNorm = node.operation, readers[node.inputs[0]] == 1 { norms[node.inputs[0]] = node }
        }
        // The values of the norms that are folded, as they are called now.
        var replaced: [Value: Value] = [:]
        var folded: [Node] = []
        for node in nodes where replaced[node.output] == nil {
            var operation = node.operation
            if let norm = norms[node.output], let both = node.operation.followed(by: norm.operation) {
                operation = both
                replaced[norm.output] = node.output
            }
            folded.append(
                Node(operation: operation, inputs: node.inputs.map { replaced[$0] ?? $0 }, output: node.output))
        }
        return InferenceGraph(folded)
    }
}

extension InferenceOperation {
    /// A convolution that does what this one without bias and a batch norm behind it do; nil for other operations.
    fileprivate func followed(by norm: InferenceOperation) -> InferenceOperation? {
        guard case .convolution(let weight, bias: nil, let stride, let padding) = self,
            case .batchNorm(let scale, let shift, let mean, let variance, let epsilon) = norm
        else { return nil }
        let factors = zip(scale.elements, variance.elements).map { Double($0) / (Double($1) + epsilon).squareRoot() }
        let filterSize = weight.elements.count / factors.count
        let filters = weight.elements.indices.map { Float(Double(weight.elements[$0]) * factors[$0 / filterSize]) }
        let bias = factors.indices.map { Float(Double(shift.elements[$0]) - Double(mean.elements[$0]) * factors[$0]) }
        return .convolution(
            weight: Constant(name: weight.name, shape: weight.shape, elements: filters),
            bias: Constant(
                name: "\(weight.name.dropLast("weight".count))bias", shape: [bias.count], elements: bias),
            stride: stride, padding: padding)
    }
}
