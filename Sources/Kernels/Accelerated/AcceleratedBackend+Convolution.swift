import COneDNN
import Tensors

/// Everything a convolution primitive depends on.
struct ConvolutionKey: Hashable {
    enum Pass: Hashable {
        case forward, inputGradient, filterGradient
        /// With a bias, then max(·, 0) if `relu`.
        case inference(relu: Bool)
    }
    let pass: Pass
    let geometry: ConvolutionGeometry
    let inputShape: Shape
    let inputLayout: Layout
    let filterLayout: Layout
}

/// A convolution primitive, and the reorder between the filter's layout and the one this primitive wants, if they
/// differ.
struct ConvolutionPlan {
    let primitive: Primitive
    let filterReorder: Primitive?
    /// Floats of the filter in the primitive's own layout.
    let filterCount: Int

    /// The filter as the primitive reads it.
    func reordered(_ filter: Tensor, pool: StoragePool) -> Tensor {
        guard let filterReorder else { return filter }
        let reordered = Tensor([filterCount], pool: pool)
        filterReorder.run([filter.pointer, reordered.pointer], pool: pool)
        return reordered
    }
}

extension AcceleratedBackend {
    public func filterLayout(for geometry: ConvolutionGeometry, input: Shape) -> Layout {
        let layout: Layout = geometry.inputChannels <= 4 ? .rowMajor : activationLayout
        let operation = description(geometry, input: input, layout)
        let plan = operation.forward(engine)
        defer { dnnl_primitive_desc_destroy(plan) }
        let chosen = plan.memory(dnnl_query_weights_md)
        if chosen.equals(descriptor(geometry.filterShape, .rowMajor)) { return .rowMajor }
        let packed = PackedLayout(identifier: chosen.placementIdentifier, storageCount: chosen.byteCount / 4)
        packedDescriptors[packed] = chosen
        return .packed(packed)
    }

    public func copyElements(from source: Tensor, to destination: Tensor) {
        precondition(source.shape == destination.shape, "copying \(source.shape) to \(destination.shape)")
        let key = PrimitiveKey.reorder(source.shape, from: source.layout, to: destination.layout)
        let reorder = primitive(key) {
            engine.reorder(
                from: descriptor(source.shape, source.layout), to: descriptor(destination.shape, destination.layout))
        }
        reorder.run([source.pointer, destination.pointer], pool: pool)
    }

    public func convolution(_ input: Tensor, filter: Tensor, geometry: ConvolutionGeometry) -> Tensor {
        let output = activation(geometry.outputShape(for: input.shape))
        guard input.shape.batch > 0 else { return output }
        let plan = plan(.forward, geometry, inputShape: input.shape, inputLayout: input.layout, filter: filter)
        let ready = plan.reordered(filter, pool: pool)
        plan.primitive.run([input.pointer, ready.pointer, output.pointer], pool: pool)
        return output
    }

    public func convolutionInputGradient(
        _ outputGradient: Tensor, filter: Tensor, inputShape: Shape, geometry: ConvolutionGeometry
    ) -> Tensor {
        let inputGradient = activation(inputShape)
        guard inputShape.batch > 0 else { return inputGradient }
        let plan = plan(
            .inputGradient, geometry, inputShape: inputShape, inputLayout: activationLayout, filter: filter)
        let ready = plan.reordered(filter, pool: pool)
        plan.primitive.run([outputGradient.pointer, ready.pointer, inputGradient.pointer], pool: pool)
        return inputGradient
    }

    public func convolutionFilterGradient(
        _ outputGradient: Tensor, input: Tensor, into filterGradient: Tensor, geometry: ConvolutionGeometry
    ) {
        guard input.shape.batch > 0 else { return filterGradient.zero() }
        let plan = plan(
            .filterGradient, geometry, inputShape: input.shape, inputLayout: input.layout, filter: filterGradient)
        guard let reorder = plan.filterReorder else {
            return plan.primitive.run([input.pointer, outputGradient.pointer, filterGradient.pointer], pool: pool)
        }
        let unordered = Tensor([plan.filterCount], pool: pool)
        unordered.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            plan.primitive.run([input.pointer, outputGradient.pointer, base], pool: pool)
            reorder.run([base, filterGradient.pointer], pool: pool)
        }
    }

    private func plan(
        _ pass: ConvolutionKey.Pass, _ geometry: ConvolutionGeometry, inputShape: Shape, inputLayout: Layout,
        filter: Tensor
    ) -> ConvolutionPlan {
        let key = ConvolutionKey(
            pass: pass, geometry: geometry, inputShape: inputShape, inputLayout: inputLayout,
            filterLayout: filter.layout)
        return self.plan(key, filterShape: filter.shape)
    }

    func plan(_ key: ConvolutionKey, filterShape: Shape) -> ConvolutionPlan {
        if let known = convolutions[key] { return known }
        if convolutions.count >= Self.planLimit { convolutions.removeAll() }
        let made = makePlan(key, filter: descriptor(filterShape, key.filterLayout))
        convolutions[key] = made
        return made
    }

    private func description(
        _ geometry: ConvolutionGeometry, input: Shape, _ layout: Layout
    ) -> ConvolutionDescription {
        let output = geometry.outputShape(for: input)
        return ConvolutionDescription(
            geometry: geometry, input: descriptor(input, layout), output: descriptor(output, activationLayout),
            triesWinograd: convolutionMethod == .winograd && geometry.gainsByWinograd(output: output))
    }

    private func makePlan(_ key: ConvolutionKey, filter: dnnl_memory_desc_t) -> ConvolutionPlan {
        let geometry = key.geometry
        let operation = description(geometry, input: key.inputShape, key.inputLayout)
        let (input, output) = (operation.input, operation.output)
        let plan: dnnl_primitive_desc_t
        let wanted: dnnl_memory_desc_t
        let arguments: [(Int32, dnnl_memory_desc_t)]
        var (from, to) = (filter, filter)
        switch key.pass {
        case .forward:
            plan = operation.forward(engine)
            wanted = plan.memory(dnnl_query_weights_md)
            arguments = [
                (Int32(DNNL_ARG_SRC), input), (Int32(DNNL_ARG_WEIGHTS), wanted), (Int32(DNNL_ARG_DST), output),
            ]
            to = wanted
        case .inference(let relu):
            plan = operation.inference(engine, relu: relu)
            wanted = plan.memory(dnnl_query_weights_md)
            arguments = [
                (Int32(DNNL_ARG_SRC), input), (Int32(DNNL_ARG_WEIGHTS), wanted), (Int32(DNNL_ARG_DST), output),
                (Int32(DNNL_ARG_BIAS), operation.bias),
            ]
            to = wanted
        case .inputGradient:
            plan = operation.inputGradient(engine)
            wanted = plan.memory(dnnl_query_weights_md)
            arguments = [
                (Int32(DNNL_ARG_DIFF_DST), output), (Int32(DNNL_ARG_WEIGHTS), wanted),
                (Int32(DNNL_ARG_DIFF_SRC), input),
            ]
            to = wanted
        case .filterGradient:
            plan = operation.filterGradient(engine)
            wanted = plan.memory(dnnl_query_diff_weights_md)
            arguments = [
                (Int32(DNNL_ARG_SRC), input), (Int32(DNNL_ARG_DIFF_DST), output),
                (Int32(DNNL_ARG_DIFF_WEIGHTS), wanted),
            ]
            from = wanted
        }
        let name = "the \(key.pass) of a convolution of \(key.inputShape) by \(geometry.filterShape)"
        return ConvolutionPlan(
            primitive: Primitive(name, engine: engine, descriptor: plan, arguments: arguments),
            filterReorder: filter.equals(wanted) ? nil : engine.reorder(from: from, to: to),
            filterCount: wanted.byteCount / 4)
    }
}
