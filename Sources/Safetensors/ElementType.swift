/// The element types of the safetensors format that this library knows; the raw value is the format's own name.
public enum ElementType: String, CaseIterable, Hashable, Sendable {
    /// Double precision.
    case float64 = "F64"
    /// Single precision.
    case float32 = "F32"
    /// IEEE half precision.
    case float16 = "F16"
    /// The upper half of a single precision number.
    case bfloat16 = "BF16"
    /// 64 bits, signed.
    case int64 = "I64"
    /// 32 bits, signed.
    case int32 = "I32"
    /// 16 bits, signed.
    case int16 = "I16"
    /// 8 bits, signed.
    case int8 = "I8"
    /// 64 bits, unsigned.
    case uint64 = "U64"
    /// 32 bits, unsigned.
    case uint32 = "U32"
    /// 16 bits, unsigned.
    case uint16 = "U16"
    /// 8 bits, unsigned.
    case uint8 = "U8"
    /// A byte, 0 or 1.
    case bool = "BOOL"

    /// Bytes an element takes.
    public var size: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }
}
