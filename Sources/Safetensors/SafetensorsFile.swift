/// The contents of a file in the safetensors format (https://github.com/huggingface/safetensors, "Format"):
/// eight bytes, the header's length N as a little-endian integer; N bytes of JSON; the tensors' bytes.
///
/// The value keeps the order in which the header names the tensors.
public struct SafetensorsFile: Sendable {
    /// The header's `__metadata__`: free text by free keys.
    public let metadata: [String: String]
    /// In the header's order.
    public let tensors: [SafetensorsTensor]
    /// Where the tensors were read from, for errors; nil for a file made in memory.
    public let path: String?

    private let positions: [String: Int]

    /// - Precondition: no two tensors have the same name, and none is called `__metadata__`.
    public init(metadata: [String: String] = [:], tensors: [SafetensorsTensor]) {
        self.init(metadata: metadata, tensors: tensors, path: nil)
    }

    init(metadata: [String: String], tensors: [SafetensorsTensor], path: String?) {
        var positions: [String: Int] = [:]
        for (position, tensor) in tensors.enumerated() {
            precondition(tensor.name != metadataKey, "'\(metadataKey)' is reserved and cannot name a tensor")
            let earlier = positions.updateValue(position, forKey: tensor.name)
            precondition(earlier == nil, "two tensors are called '\(tensor.name)'")
        }
        self.metadata = metadata
        self.tensors = tensors
        self.path = path
        self.positions = positions
    }

    /// Of the tensors, in their order.
    public var names: [String] { tensors.map(\.name) }

    /// The tensor of that name, or nil.
    public subscript(name: String) -> SafetensorsTensor? {
        positions[name].map { tensors[$0] }
    }

    /// The tensor of that name.
    /// - Throws: `SafetensorsError` when the file has none.
    public func tensor(_ name: String) throws(SafetensorsError) -> SafetensorsTensor {
        guard let tensor = self[name] else {
            throw SafetensorsError(path: path, tensor: name, problem: .missingTensor(present: names))
        }
        return tensor
    }

    /// A tensor's shape and its elements in single precision, converted from F64, F16 or BF16 where needed.
    /// - Throws: `SafetensorsError` when the tensor is missing or holds integers.
    public func float32(_ name: String) throws(SafetensorsError) -> (shape: [Int], values: [Float]) {
        let tensor = try tensor(name)
        guard let values = tensor.float32 else {
            throw SafetensorsError(
                path: path, tensor: name,
                problem: .wrongElementType(tensor.elementType, wanted: "floating-point numbers"))
        }
        return (tensor.shape, values)
    }

    /// A tensor's shape and its elements in double precision, converted from F32, F16 or BF16 where needed.
    /// - Throws: `SafetensorsError` when the tensor is missing or holds integers.
    public func float64(_ name: String) throws(SafetensorsError) -> (shape: [Int], values: [Double]) {
        let tensor = try tensor(name)
        guard let values = tensor.float64 else {
            throw SafetensorsError(
                path: path, tensor: name,
                problem: .wrongElementType(tensor.elementType, wanted: "floating-point numbers"))
        }
        return (tensor.shape, values)
    }

    /// A tensor's shape and its elements as 64-bit integers, widened from smaller ones where needed.
    /// - Throws: `SafetensorsError` when the tensor is missing or does not hold integers that fit.
    public func int64(_ name: String) throws(SafetensorsError) -> (shape: [Int], values: [Int64]) {
        let tensor = try tensor(name)
        guard let values = tensor.int64 else {
            throw SafetensorsError(
                path: path, tensor: name, problem: .wrongElementType(tensor.elementType, wanted: "integers"))
        }
        return (tensor.shape, values)
    }
}

/// The header's key that is not a tensor.
let metadataKey = "__metadata__"
