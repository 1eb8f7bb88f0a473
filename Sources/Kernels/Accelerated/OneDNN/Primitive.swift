import COneDNN
import Tensors

/// One oneDNN primitive for fixed shapes, with its argument memories; made once and run every step.
final class Primitive {
    private let engine: Engine
    private let name: String
    private let descriptor: dnnl_primitive_desc_t
    private let handle: dnnl_primitive_t
    private var arguments: [dnnl_exec_arg_t] = []
    private let scratchpadCount: Int

    /// An argument's index as oneDNN numbers it (`DNNL_ARG_…`) and the elements it refers to.
    typealias Argument = (index: Int32, memory: UnsafeMutableRawPointer)

    /// Takes ownership of `descriptor`. `arguments` are the memories that `run` will be given, in that order.
    init(_ name: String, engine: Engine, descriptor: dnnl_primitive_desc_t, arguments: [(Int32, dnnl_memory_desc_t)]) {
        self.name = name
        self.engine = engine
        self.descriptor = descriptor
        var primitive: dnnl_primitive_t?
        check(dnnl_primitive_create(&primitive, descriptor), "creating \(name)")
        guard let primitive else { fatalError("oneDNN returned no primitive for \(name)") }
        handle = primitive
        let scratchpad = dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0)?.pointee
        scratchpadCount = ((scratchpad?.byteCount ?? 0) + 3) / 4
        var memories = arguments
        if let scratchpad, scratchpadCount > 0 { memories.append((Int32(DNNL_ARG_SCRATCHPAD), scratchpad)) }
        self.arguments = memories.map { index, description in
            var memory: dnnl_memory_t?
            var description = description
            check(dnnl_memory_create(&memory, &description, engine.handle, nil), "describing an argument of \(name)")
            return dnnl_exec_arg_t(arg: index, memory: memory)
        }
    }

    deinit {
        for argument in arguments { dnnl_memory_destroy(argument.memory) }
        dnnl_primitive_destroy(handle)
        dnnl_primitive_desc_destroy(descriptor)
    }

    /// Bytes that a forward keeps for its backward.
    var workspaceByteCount: Int { descriptor.memory(dnnl_query_workspace_md).byteCount }

    /// Runs on the given memories, which stand in the order of the initialiser's `arguments`.
    func run(_ pointers: [UnsafeMutablePointer<Float>], pool: StoragePool) {
        for (argument, pointer) in zip(arguments, pointers) {
            check(dnnl_memory_set_data_handle(argument.memory, pointer), "setting an argument of \(name)")
        }
        if scratchpadCount > 0 {
            let scratchpad = Tensor([scratchpadCount], pool: pool)
            scratchpad.withUnsafeMutableBufferPointer { buffer in
                check(
                    dnnl_memory_set_data_handle(arguments[arguments.count - 1].memory, buffer.baseAddress),
                    "setting the scratchpad of \(name)")
                execute()
            }
        } else {
            execute()
        }
    }

    private func execute() {
        check(
            dnnl_primitive_execute(handle, engine.stream, Int32(arguments.count), arguments), "running \(name)")
        check(dnnl_stream_wait(engine.stream), "waiting for \(name)")
    }
}

extension Engine {
    /// The best implementation of an operation. `descriptor` points to one of oneDNN's operation descriptors, `hint` is
    /// the forward's descriptor when this is its backward; `relu` sends the result through max(·, 0). The caller owns
    /// the result.
    func primitiveDescriptor(
        _ name: String, _ descriptor: UnsafeRawPointer, hint: dnnl_primitive_desc_t? = nil, relu: Bool = false
    ) -> dnnl_primitive_desc_t {
        guard let result = primitiveDescriptorIfImplemented(name, descriptor, hint: hint, relu: relu) else {
            fatalError("oneDNN has no implementation of \(name) on this CPU; try --backend openblas")
        }
        return result
    }

    /// As `primitiveDescriptor`, nil if oneDNN has no implementation of it on this CPU.
    func primitiveDescriptorIfImplemented(
        _ name: String, _ descriptor: UnsafeRawPointer, hint: dnnl_primitive_desc_t?, relu: Bool
    ) -> dnnl_primitive_desc_t? {
        let attributes = makeAttributes()
        defer { dnnl_primitive_attr_destroy(attributes) }
        if relu { appendReLU(to: attributes) }
        var result: dnnl_primitive_desc_t?
        let status = dnnl_primitive_desc_create(&result, descriptor, attributes, handle, hint)
        if status == dnnl_unimplemented { return nil }
        check(status, "planning \(name)")
        return result
    }

    /// Copies elements from one layout to another.
    func reorder(from source: dnnl_memory_desc_t, to destination: dnnl_memory_desc_t) -> Primitive {
        let attributes = makeAttributes()
        defer { dnnl_primitive_attr_destroy(attributes) }
        var descriptor: dnnl_primitive_desc_t?
        var source = source
        var destination = destination
        check(
            dnnl_reorder_primitive_desc_create(&descriptor, &source, handle, &destination, handle, attributes),
            "planning a reorder")
        guard let descriptor else { fatalError("oneDNN has no implementation of a reorder") }
        return Primitive(
            "a reorder", engine: self, descriptor: descriptor,
            arguments: [(Int32(DNNL_ARG_FROM), source), (Int32(DNNL_ARG_TO), destination)])
    }

    /// The caller owns the result, whose scratchpad the caller brings.
    private func makeAttributes() -> dnnl_primitive_attr_t? {
        var attributes: dnnl_primitive_attr_t?
        check(dnnl_primitive_attr_create(&attributes), "creating attributes")
        check(
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "choosing a scratchpad")
        return attributes
    }

    private func appendReLU(to attributes: dnnl_primitive_attr_t?) {
        var operations: dnnl_post_ops_t?
        check(dnnl_post_ops_create(&operations), "creating post-operations")
        defer { dnnl_post_ops_destroy(operations) }
        check(dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0), "appending a ReLU")
        check(dnnl_primitive_attr_set_post_ops(attributes, operations), "appending a ReLU")
    }
}

extension dnnl_primitive_desc_t {
    /// The memory descriptor that the implementation chose for an argument.
    func memory(_ what: dnnl_query_t) -> dnnl_memory_desc_t {
        guard let description = dnnl_primitive_desc_query_md(self, what, 0) else {
            fatalError("oneDNN describes no such argument")
        }
        return description.pointee
    }
}
