import COneDNN
import Tensors

extension AcceleratedBackend {
    public func linear(_ input: Tensor, weight: Tensor, bias: Tensor) -> Tensor {
        let (batch, inputs, outputs) = (input.shape[0], input.shape[1], weight.shape[0])
        let output = Tensor([batch, outputs], pool: pool)
        guard batch > 0 else { return output }
        let forward = primitive(.linear(batch: batch, inputs: inputs, outputs: outputs)) {
            let description = LinearDescription(batch: batch, inputs: inputs, outputs: outputs)
            return Primitive(
                "a linear layer", engine: engine, descriptor: description.forward(engine),
                arguments: [
                    (Int32(DNNL_ARG_SRC), description.input), (Int32(DNNL_ARG_WEIGHTS), description.weight),
                    (Int32(DNNL_ARG_BIAS), description.bias), (Int32(DNNL_ARG_DST), description.output),
                ])
        }
        forward.run([input.pointer, weight.pointer, bias.pointer, output.pointer], pool: pool)
        return output
    }

    public func linearGradient(
        _ outputGradient: Tensor, input: Tensor, weight: Tensor, weightGradient: Tensor, biasGradient: Tensor
    ) -> Tensor {
        let (batch, inputs, outputs) = (input.shape[0], input.shape[1], weight.shape[0])
        let inputGradient = Tensor(input.shape, pool: pool)
        guard batch > 0 else {
            weightGradient.zero()
            biasGradient.zero()
            return inputGradient
        }
        let description = LinearDescription(batch: batch, inputs: inputs, outputs: outputs)
        let toWeight = primitive(.linearWeightGradient(batch: batch, inputs: inputs, outputs: outputs)) {
            Primitive(
                "a linear layer's weight gradient", engine: engine, descriptor: description.weightGradient(engine),
                arguments: [
                    (Int32(DNNL_ARG_SRC), description.input), (Int32(DNNL_ARG_DIFF_DST), description.output),
                    (Int32(DNNL_ARG_DIFF_WEIGHTS), description.weight), (Int32(DNNL_ARG_DIFF_BIAS), description.bias),
                ])
        }
        toWeight.run(
            [input.pointer, outputGradient.pointer, weightGradient.pointer, biasGradient.pointer], pool: pool)
        let toInput = primitive(.linearInputGradient(batch: batch, inputs: inputs, outputs: outputs)) {
            Primitive(
                "a linear layer's input gradient", engine: engine, descriptor: description.inputGradient(engine),
                arguments: [
                    (Int32(DNNL_ARG_DIFF_DST), description.output), (Int32(DNNL_ARG_WEIGHTS), description.weight),
                    (Int32(DNNL_ARG_DIFF_SRC), description.input),
                ])
        }
        toInput.run([outputGradient.pointer, weight.pointer, inputGradient.pointer], pool: pool)
        return inputGradient
    }
}

/// An inner product of row-major matrices.
private struct LinearDescription {
    let input: dnnl_memory_desc_t
    let weight: dnnl_memory_desc_t
    let bias: dnnl_memory_desc_t
    let output: dnnl_memory_desc_t

    init(batch: Int, inputs: Int, outputs: Int) {
        input = dnnl_memory_desc_t([batch, inputs], layout: .rowMajor)
        weight = dnnl_memory_desc_t([outputs, inputs], layout: .rowMajor)
        bias = dnnl_memory_desc_t([outputs], layout: .rowMajor)
        output = dnnl_memory_desc_t([batch, outputs], layout: .rowMajor)
    }

    func forward(_ engine: Engine) -> dnnl_primitive_desc_t {
        var description = dnnl_inner_product_desc_t()
        var (input, weight, bias, output) = (input, weight, bias, output)
        check(
            dnnl_inner_product_forward_desc_init(
                &description, dnnl_forward_training, &input, &weight, &bias, &output), "describing a linear layer")
        return engine.primitiveDescriptor("a linear layer", &description)
    }

    func inputGradient(_ engine: Engine) -> dnnl_primitive_desc_t {
        var description = dnnl_inner_product_desc_t()
        var (input, weight, output) = (input, weight, output)
        check(
            dnnl_inner_product_backward_data_desc_init(&description, &input, &weight, &output),
            "describing a linear layer's input gradient")
        let hint = forward(engine)
        defer { dnnl_primitive_desc_destroy(hint) }
        return engine.primitiveDescriptor("a linear layer's input gradient", &description, hint: hint)
    }

    func weightGradient(_ engine: Engine) -> dnnl_primitive_desc_t {
        var description = dnnl_inner_product_desc_t()
        var (input, weight, bias, output) = (input, weight, bias, output)
        check(
            dnnl_inner_product_backward_weights_desc_init(&description, &input, &weight, &bias, &output),
            "describing a linear layer's weight gradient")
        let hint = forward(engine)
        defer { dnnl_primitive_desc_destroy(hint) }
        return engine.primitiveDescriptor("a linear layer's weight gradient", &description, hint: hint)
    }
}
