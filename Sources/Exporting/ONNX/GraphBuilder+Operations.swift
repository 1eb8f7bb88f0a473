import Models

extension GraphBuilder {
    /// Adds the ONNX nodes of an operation.
    /// - Parameters:
    ///   - inputs: the names of what it reads.
    ///   - output: the name of its result.
    mutating func add(
        _ operation: InferenceOperation, _ inputs: [String], _ output: String, _ operators: OperatorSet
    ) {
        for constant in operation.constants { addTensor(constant.name, shape: constant.shape, constant.elements) }
        let tensors = operation.constants.map(\.name)
        switch operation {
        case .convolution(let weight, _, let stride, let padding):
            add(
                "Conv", inputs + tensors, output,
                [
                    "kernel_shape": .integers(Array(weight.shape[2...])), "strides": .integers([stride, stride]),
                    "pads": .integers([padding, padding, padding, padding]),
                ])
        case .batchNorm(_, _, _, _, let epsilon):
            add("BatchNormalization", inputs + tensors, output, ["epsilon": .float(epsilon)])
        case .maxPool(let geometry):
            add(
                "MaxPool", inputs, output,
                [
                    "kernel_shape": .integers([geometry.kernel, geometry.kernel]),
                    "strides": .integers([geometry.stride, geometry.stride]),
                    "pads": .integers([geometry.padding, geometry.padding, geometry.padding, geometry.padding]),
                ])
        case .relu: add("Relu", inputs, output)
        case .logistic: add("Sigmoid", inputs, output)
        case .meanOverPositions: addGlobalPool("GlobalAveragePool", inputs, output)
        case .maximumOverPositions: addGlobalPool("GlobalMaxPool", inputs, output)
        case .meanOverChannels: addReduction("ReduceMean", inputs, output, operators)
        case .maximumOverChannels: addReduction("ReduceMax", inputs, output, operators)
        case .concatenation: add("Concat", inputs, output, ["axis": .integer(1)])
        case .channelConvolution(let weight):
            let size = weight.shape[2]
            add("Unsqueeze", inputs + [axes(1)], "\(output).row")
            add(
                "Conv", ["\(output).row"] + tensors, "\(output).convolved",
                ["kernel_shape": .integers([size]), "pads": .integers([size / 2, size / 2])])
            add("Squeeze", ["\(output).convolved", axes(1)], output)
        case .linear: add("Gemm", inputs + tensors, output, ["transB": .integer(1)])
        case .sum: add("Add", inputs, output)
        case .scalingOfChannels:
            add("Unsqueeze", [inputs[1], axes(2, 3)], "\(output).map")
            add("Mul", [inputs[0], "\(output).map"], output)
        case .scalingOfPositions: add("Mul", inputs, output)
        }
    }

    /// (N, C, H, W) -> (N, C)
    private mutating func addGlobalPool(_ type: String, _ inputs: [String], _ output: String) {
        add(type, inputs, "\(output).pooled")
        add("Flatten", ["\(output).pooled"], output, ["axis": .integer(1)])
    }

    /// (N, C, H, W) -> (N, 1, H, W)
    private mutating func addReduction(
        _ type: String, _ inputs: [String], _ output: String, _ operators: OperatorSet
    ) {
        if operators.reductionsReadAxes {
            add(type, inputs + [axes(1)], output, ["keepdims": .integer(1)])
        } else {
            add(type, inputs, output, ["axes": .integers([1]), "keepdims": .integer(1)])
        }
    }

    /// The name of a list of axes, which is added where it is not there yet.
    private mutating func axes(_ axes: Int...) -> String {
        let name = "axes_" + axes.map(String.init).joined(separator: "_")
        addIntegers(name, axes)
        return name
    }
}
