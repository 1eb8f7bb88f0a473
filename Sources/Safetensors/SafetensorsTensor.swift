/// One named tensor of a safetensors file: row-major elements as little-endian bytes.
public struct SafetensorsTensor: Hashable, Sendable {
    /// As in the header.
    public let name: String
    /// Of every element.
    public let elementType: ElementType
    /// The dimensions, outermost first; empty for a scalar.
    public let shape: [Int]
    private let contents: Contents

    private enum Contents {
        case stored([UInt8])
        case deferred(@Sendable () -> [Float])
    }

    /// The elements, little-endian, without padding. A deferred tensor makes them anew each time.
    public var bytes: [UInt8] {
        switch contents {
        case .stored(let bytes): return bytes
        case .deferred(let makeValues):
            let bytes = littleEndianBytes(makeValues())
            precondition(bytes.count == byteCount, "tensor '\(name)' of shape \(shape) was made \(bytes.count) bytes")
            return bytes
        }
    }

    var byteCount: Int { Safetensors.byteCount(shape: shape, elementType: elementType) ?? 0 }

    /// - Precondition: `bytes` is exactly as long as `shape` and `elementType` demand.
    public init(name: String, elementType: ElementType, shape: [Int], bytes: [UInt8]) {
        precondition(
            Safetensors.byteCount(shape: shape, elementType: elementType) == bytes.count,
            "tensor '\(name)' of shape \(shape) cannot have \(bytes.count) bytes of \(elementType.rawValue)")
        self.name = name
        self.elementType = elementType
        self.shape = shape
        contents = .stored(bytes)
    }

    /// A tensor whose elements, as many as `shape` has, are made when they are asked for, so that a file needs memory for
    /// one at a time.
    public init(name: String, shape: [Int], deferredFloat32 makeValues: @escaping @Sendable () -> [Float]) {
        self.name = name
        elementType = .float32
        self.shape = shape
        contents = .deferred(makeValues)
    }

    /// - Precondition: `values` has as many elements as `shape`.
    public init(name: String, shape: [Int], float32 values: [Float]) {
        self.init(name: name, elementType: .float32, shape: shape, bytes: littleEndianBytes(values))
    }

    /// - Precondition: `values` has as many elements as `shape`.
    public init(name: String, shape: [Int], float64 values: [Double]) {
        self.init(name: name, elementType: .float64, shape: shape, bytes: littleEndianBytes(values))
    }

    /// - Precondition: `values` has as many elements as `shape`.
    public init(name: String, shape: [Int], int64 values: [Int64]) {
        self.init(name: name, elementType: .int64, shape: shape, bytes: littleEndianBytes(values))
    }

    /// The elements as single-precision numbers, row-major: F32 as they are, F64 rounded to nearest, F16 and BF16
    /// exactly. Nil for integers, which single precision cannot hold in general.
    public var float32: [Float]? {
        switch elementType {
        case .float32: elements(of: Float.self)
        case .float64: elements(of: Double.self).map { Float($0) }
        case .float16: elements(of: Float16.self).map { Float($0) }
        case .bfloat16: elements(of: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
        default: nil
        }
    }

    /// The elements as double-precision numbers, row-major, all of them exactly. Nil for integers.
    public var float64: [Double]? {
        elementType == .float64 ? elements(of: Double.self) : float32.map { $0.map { Double($0) } }
    }

    /// The elements as 64-bit integers, row-major; booleans as 0 and 1. Nil for floating-point numbers and for U64,
    /// which do not fit in general.
    public var int64: [Int64]? {
        switch elementType {
        case .int64: elements(of: Int64.self)
        case .int32: elements(of: Int32.self).map { Int64($0) }
        case .int16: elements(of: Int16.self).map { Int64($0) }
        case .int8: elements(of: Int8.self).map { Int64($0) }
        case .uint32: elements(of: UInt32.self).map { Int64($0) }
        case .uint16: elements(of: UInt16.self).map { Int64($0) }
        case .uint8, .bool: bytes.map { Int64($0) }
        case .uint64, .float64, .float32, .float16, .bfloat16: nil
        }
    }

    private func elements<Element: BitwiseCopyable>(of type: Element.Type) -> [Element] {
        requireLittleEndian()
        let bytes = bytes
        let count = bytes.count / MemoryLayout<Element>.stride
        return Array(unsafeUninitializedCapacity: count) { destination, initialized in
            UnsafeMutableRawBufferPointer(destination).copyBytes(from: bytes)
            initialized = count
        }
    }
}

extension SafetensorsTensor {
    public static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.elementType == right.elementType && left.shape == right.shape
            && left.bytes == right.bytes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(elementType)
        hasher.combine(shape)
        hasher.combine(bytes)
    }
}

/// Bytes a tensor takes; nil when a dimension is negative or the product overflows.
func byteCount(shape: [Int], elementType: ElementType) -> Int? {
    // A zero anywhere makes the tensor empty, whatever the other dimensions multiply to.
    if shape.contains(where: { $0 < 0 }) { return nil }
    if shape.contains(0) { return 0 }
    var product = elementType.size
    for dimension in shape {
        let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
        if overflow { return nil }
        product = next
    }
    return product
}

private func littleEndianBytes<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] {
    requireLittleEndian()
    return values.withUnsafeBytes { Array($0) }
}

/// The format is little-endian, and so is every platform this package is built for; elsewhere the copies would be wrong.
private func requireLittleEndian() {
    precondition(UInt16(1).littleEndian == 1, "safetensors files are only supported on little-endian machines")
}
