import COneDNN
import Tensors

/// oneDNN's workspace of a max pooling: where in each window the maximum was.
struct MaxPoolWorkspace: PoolingTrace {
    let inputShape: Shape
    let geometry: PoolingGeometry
    let workspace: Tensor
}

extension AcceleratedBackend {
    public func maxPool(
        _ input: Tensor, _ geometry: PoolingGeometry, training: Bool
    ) -> (output: Tensor, trace: PoolingTrace?) {
        let output = activation(geometry.outputShape(for: input.shape))
        guard input.shape.batch > 0 else {
            let trace = MaxPoolWorkspace(
                inputShape: input.shape, geometry: geometry, workspace: Tensor([0], pool: pool))
            return (output, training ? trace : nil)
        }
        let key = PrimitiveKey.maxPool(
            input.shape, kernel: geometry.kernel, stride: geometry.stride, padding: geometry.padding, training: training
        )
        let forward = primitive(key) {
            let description = MaxPoolDescription(
                input: descriptor(input.shape, activationLayout), output: descriptor(output.shape, activationLayout),
                geometry: geometry)
            let plan = description.forward(engine, training: training)
            var arguments = [(Int32(DNNL_ARG_SRC), description.input), (Int32(DNNL_ARG_DST), description.output)]
            if training { arguments.append((Int32(DNNL_ARG_WORKSPACE), plan.memory(dnnl_query_workspace_md))) }
            return Primitive("a max pooling", engine: engine, descriptor: plan, arguments: arguments)
        }
        guard training else {
            forward.run([input.pointer, output.pointer], pool: pool)
            return (output, nil)
        }
        let workspace = Tensor([(forward.workspaceByteCount + 3) / 4], pool: pool)
        forward.run([input.pointer, output.pointer, workspace.pointer], pool: pool)
        return (output, MaxPoolWorkspace(inputShape: input.shape, geometry: geometry, workspace: workspace))
    }

    public func maxPoolGradient(_ outputGradient: Tensor, trace: PoolingTrace) -> Tensor {
        guard let trace = trace as? MaxPoolWorkspace else {
            preconditionFailure("a max pooling's trace goes back to the backend that made it")
        }
        let inputGradient = activation(trace.inputShape)
        guard trace.inputShape.batch > 0 else { return inputGradient }
        let geometry = trace.geometry
        let key = PrimitiveKey.maxPoolGradient(
            trace.inputShape, kernel: geometry.kernel, stride: geometry.stride, padding: geometry.padding)
        let backward = primitive(key) {
            let description = MaxPoolDescription(
                input: descriptor(trace.inputShape, activationLayout),
                output: descriptor(outputGradient.shape, activationLayout), geometry: geometry)
            let plan = description.backward(engine)
            return Primitive(
                "a max pooling's gradient", engine: engine, descriptor: plan,
                arguments: [
                    (Int32(DNNL_ARG_DIFF_DST), description.output),
                    (Int32(DNNL_ARG_WORKSPACE), plan.memory(dnnl_query_workspace_md)),
                    (Int32(DNNL_ARG_DIFF_SRC), description.input),
                ])
        }
        backward.run([outputGradient.pointer, trace.workspace.pointer, inputGradient.pointer], pool: pool)
        return inputGradient
    }
}

private struct MaxPoolDescription {
    let input: dnnl_memory_desc_t
    let output: dnnl_memory_desc_t
    let geometry: PoolingGeometry

    private func pair(_ value: Int) -> [Int64] { [Int64(value), Int64(value)] }

    func forward(_ engine: Engine, training: Bool) -> dnnl_primitive_desc_t {
        var description = dnnl_pooling_desc_t()
        var (input, output) = (input, output)
        check(
            dnnl_pooling_forward_desc_init(
                &description, training ? dnnl_forward_training : dnnl_forward_inference, dnnl_pooling_max, &input,
                &output, pair(geometry.stride), pair(geometry.kernel), pair(geometry.padding), pair(geometry.padding)),
            "describing a max pooling")
        return engine.primitiveDescriptor("a max pooling", &description)
    }

    func backward(_ engine: Engine) -> dnnl_primitive_desc_t {
        var description = dnnl_pooling_desc_t()
        var (input, output) = (input, output)
        check(
            dnnl_pooling_backward_desc_init(
                &description, dnnl_pooling_max, &input, &output, pair(geometry.stride), pair(geometry.kernel),
                pair(geometry.padding), pair(geometry.padding)), "describing a max pooling's gradient")
        let hint = forward(engine, training: true)
        defer { dnnl_primitive_desc_destroy(hint) }
        return engine.primitiveDescriptor("a max pooling's gradient", &description, hint: hint)
    }
}
