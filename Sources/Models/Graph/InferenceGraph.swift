/// What a model computes in inference, operation by operation: what exporters translate.
public struct InferenceGraph: Sendable {
    /// A tensor on its way through the graph.
    public struct Value: Hashable, Sendable {
        /// That of the node that computes it.
        public let name: String
    }

    /// An operation with its operands.
    public struct Node: Sendable {
        /// What is computed.
        public let operation: InferenceOperation
        /// In the operation's order.
        public let inputs: [Value]
        /// What it yields.
        public let output: Value
    }

    /// The input: (N, 3, H, W).
    public static let images = Value(name: "images")

    /// Each behind those whose values it reads.
    public private(set) var nodes: [Node] = []
    /// What the names of nodes without trained tensors begin with, such as `layer1.0.attention`; set by whoever adds
    /// them. The others are named as their tensors.
    public var scope = ""
    private var names: Set<String> = [images.name]
    private var computed: [Computation: Value] = [:]

    private struct Computation: Hashable {
        let operation: InferenceOperation
        let inputs: [Value]
    }

    init() {}

    /// - Precondition: each node stands behind those whose values it reads.
    init(_ nodes: [Node]) { self.nodes = nodes }

    /// The last node's: (N, classes).
    public var output: Value { nodes.last?.output ?? Self.images }

    /// All trained tensors, in the order in which nodes first read them.
    public var constants: [InferenceOperation.Constant] {
        var seen: Set<String> = []
        return nodes.flatMap(\.operation.constants).filter { seen.insert($0.name).inserted }
    }

    /// The result of an operation, which is computed once however often it is asked for.
    @discardableResult
    public mutating func append(_ operation: InferenceOperation, _ inputs: Value...) -> Value {
        let computation = Computation(operation: operation, inputs: inputs)
        if let value = computed[computation] { return value }
        let value = Value(name: unusedName(for: operation))
        nodes.append(Node(operation: operation, inputs: inputs, output: value))
        computed[computation] = value
        return value
    }

    private mutating func unusedName(for operation: InferenceOperation) -> String {
        let name: String
        if let tensor = operation.constants.first?.name, let dot = tensor.lastIndex(of: ".") {
            name = String(tensor[..<dot])
        } else {
            name = scope.isEmpty ? operation.title : "\(scope).\(operation.title)"
        }
        let candidates = sequence(first: 1) { $0 + 1 }.lazy.map { $0 == 1 ? name : "\(name)_\($0)" }
        for candidate in candidates where names.insert(candidate).inserted { return candidate }
        return name
    }
}
