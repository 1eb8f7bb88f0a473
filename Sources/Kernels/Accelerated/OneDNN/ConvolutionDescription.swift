import COneDNN
import Tensors

/// A convolution as oneDNN describes it, whose implementations choose the filter's layout.
struct ConvolutionDescription {
    let geometry: ConvolutionGeometry
    let input: dnnl_memory_desc_t
    let output: dnnl_memory_desc_t
    /// Whether each pass is planned by Winograd's algorithm if oneDNN has that for this CPU and geometry.
    let triesWinograd: Bool

    private var filter: dnnl_memory_desc_t { dnnl_memory_desc_t(geometry.filterShape, tag: dnnl_format_tag_any) }
    var bias: dnnl_memory_desc_t { dnnl_memory_desc_t([geometry.outputChannels], layout: .rowMajor) }
    private var strides: [Int64] { [Int64(geometry.stride), Int64(geometry.stride)] }
    private var padding: [Int64] { [Int64(geometry.padding), Int64(geometry.padding)] }

    func forward(_ engine: Engine) -> dnnl_primitive_desc_t {
        plan("a convolution", engine) { algorithm, description in
            var (input, filter, output) = (input, filter, output)
            return dnnl_convolution_forward_desc_init(
                &description, dnnl_forward_training, algorithm, &input, &filter, nil, &output, strides, padding, padding
            )
        }
    }

    /// With a bias, then max(·, 0) if `relu`.
    func inference(_ engine: Engine, relu: Bool) -> dnnl_primitive_desc_t {
        plan("a convolution in inference", engine, relu: relu) { algorithm, description in
            var (input, filter, bias, output) = (input, filter, bias, output)
            return dnnl_convolution_forward_desc_init(
                &description, dnnl_forward_inference, algorithm, &input, &filter, &bias, &output, strides, padding,
                padding)
        }
    }

    func inputGradient(_ engine: Engine) -> dnnl_primitive_desc_t {
        let hint = forward(engine)
        defer { dnnl_primitive_desc_destroy(hint) }
        return plan("a convolution's input gradient", engine, hint: hint) { algorithm, description in
            var (input, filter, output) = (input, filter, output)
            return dnnl_convolution_backward_data_desc_init(
                &description, algorithm, &input, &filter, &output, strides, padding, padding)
        }
    }

    func filterGradient(_ engine: Engine) -> dnnl_primitive_desc_t {
        let hint = forward(engine)
        defer { dnnl_primitive_desc_destroy(hint) }
        return plan("a convolution's filter gradient", engine, hint: hint) { algorithm, description in
            var (input, filter, output) = (input, filter, output)
            return dnnl_convolution_backward_weights_desc_init(
                &description, algorithm, &input, &filter, nil, &output, strides, padding, padding)
        }
    }

    private func plan(
        _ name: String, _ engine: Engine, hint: dnnl_primitive_desc_t? = nil, relu: Bool = false,
        _ describe: (dnnl_alg_kind_t, inout dnnl_convolution_desc_t) -> dnnl_status_t
    ) -> dnnl_primitive_desc_t {
        var description = dnnl_convolution_desc_t()
        if triesWinograd, describe(dnnl_convolution_winograd, &description) == dnnl_success,
            let plan = engine.primitiveDescriptorIfImplemented(name, &description, hint: hint, relu: relu)
        {
            return plan
        }
        check(describe(dnnl_convolution_direct, &description), "describing \(name)")
        return engine.primitiveDescriptor(name, &description, hint: hint, relu: relu)
    }
}

extension ConvolutionGeometry {
    /// Whether Winograd's F(4×4, 3×3) does clearly fewer multiplications than the direct sum: 36 for a tile of 4 × 4
    /// outputs, where the direct sum does 9 an output.
    package func gainsByWinograd(output: Shape) -> Bool {
        guard kernelHeight == 3, kernelWidth == 3, stride == 1 else { return false }
        let tiles = ((output.height + 3) / 4) * ((output.width + 3) / 4)
        return 36 * tiles * 3 <= 9 * output.positions * 2
    }
}
