import Foundation

/// An ONNX graph in the making.
struct GraphBuilder {
    enum Attribute {
        case integer(Int)
        case integers([Int])
        case float(Double)
    }

    private(set) var graph = Onnx_GraphProto()
    private var initializers: Set<String> = []

    init(name: String) { graph.name = name }

    /// Adds a node that is called as its only output.
    mutating func add(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: KeyValuePairs<String, Attribute> = [:]
    ) {
        var node = Onnx_NodeProto()
        node.opType = type
        node.name = output
        node.input = inputs
        node.output = [output]
        node.attribute = attributes.map(Onnx_AttributeProto.init)
        graph.node.append(node)
    }

    /// Adds a tensor, once for each name.
    mutating func addTensor(_ name: String, shape: [Int], _ elements: [Float]) {
        addTensor(name, shape, .float, elements.map { $0.bitPattern.littleEndian })
    }

    /// Adds a list of integers, once for each name.
    mutating func addIntegers(_ name: String, _ elements: [Int]) {
        addTensor(name, [elements.count], .int64, elements.map { Int64($0).littleEndian })
    }

    private mutating func addTensor(
        _ name: String, _ shape: [Int], _ type: Onnx_TensorProto.DataType, _ elements: [some FixedWidthInteger]
    ) {
        guard initializers.insert(name).inserted else { return }
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dims = shape.map(Int64.init)
        tensor.dataType = Int32(type.rawValue)
        tensor.rawData = elements.withUnsafeBytes { Data($0) }
        graph.initializer.append(tensor)
    }

    mutating func addInput(_ name: String, _ shape: [Dimension], _ documentation: String) {
        graph.input.append(Onnx_ValueInfoProto(name, shape, documentation))
    }

    mutating func addOutput(_ name: String, _ shape: [Dimension], _ documentation: String) {
        graph.output.append(Onnx_ValueInfoProto(name, shape, documentation))
    }

    enum Dimension {
        case fixed(Int)
        /// Any size, by its name.
        case any(String)
    }
}

extension Onnx_AttributeProto {
    fileprivate init(_ name: String, _ value: GraphBuilder.Attribute) {
        self.init()
        self.name = name
        switch value {
        case .integer(let value):
            type = .int
            i = Int64(value)
        case .integers(let values):
            type = .ints
            ints = values.map(Int64.init)
        case .float(let value):
            type = .float
            f = Float(value)
        }
    }
}

extension Onnx_ValueInfoProto {
    /// Of single-precision numbers.
    fileprivate init(_ name: String, _ shape: [GraphBuilder.Dimension], _ documentation: String) {
        self.init()
        self.name = name
        docString = documentation
        type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
        type.tensorType.shape.dim = shape.map { size in
            var dimension = Onnx_TensorShapeProto.Dimension()
            switch size {
            case .fixed(let size): dimension.dimValue = Int64(size)
            case .any(let name): dimension.dimParam = name
            }
            return dimension
        }
    }
}
