import Tensors

extension ReferenceBackend {
    public func linear(_ input: Tensor, weight: Tensor, bias: Tensor) -> Tensor {
        requireRowMajor(input, weight, bias)
        let (batch, inputs, outputs) = (input.shape[0], weight.shape[1], weight.shape[0])
        require(input, hasShape: [batch, inputs], "the input")
        require(bias, hasShape: [outputs], "the bias")
        let output = makeTensor([batch, outputs])
        withExtendedLifetime((input, weight, bias, output)) {
            for n in 0..<batch { (output.pointer + n * outputs).update(from: bias.pointer, count: outputs) }
            multiply(
                MatrixOperand(input.pointer, rows: batch, columns: inputs),
                MatrixOperand(weight.pointer, rows: outputs, columns: inputs).transposed,
                into: output.pointer, accumulating: true)
        }
        return output
    }

    public func linearGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor, biasGradient: Tensor
    ) -> Tensor {
        requireRowMajor(outputGradient, input, weight, weightGradient, biasGradient)
        let (batch, inputs, outputs) = (input.shape[0], weight.shape[1], weight.shape[0])
        require(outputGradient, hasShape: [batch, outputs], "the output gradient")
        require(weightGradient, hasShape: weight.shape, "the weight gradient")
        require(biasGradient, hasShape: [outputs], "the bias gradient")
        let inputGradient = makeTensor(input.shape)
        withExtendedLifetime((outputGradient, input, weight, weightGradient, biasGradient, inputGradient)) {
            let gradient = MatrixOperand(outputGradient.pointer, rows: batch, columns: outputs)
            let weights = MatrixOperand(weight.pointer, rows: outputs, columns: inputs)
            multiply(gradient, weights, into: inputGradient.pointer)
            let x = MatrixOperand(input.pointer, rows: batch, columns: inputs)
            multiply(gradient.transposed, x, into: weightGradient.pointer)
            for o in 0..<outputs {
                var sum = 0.0
                for n in 0..<batch { sum += Double(outputGradient.pointer[n * outputs + o]) }
                biasGradient.pointer[o] = Float(sum)
            }
        }
        return inputGradient
    }
}
