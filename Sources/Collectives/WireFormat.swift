/// How gradients travel between nodes.
public enum WireFormat: String, CaseIterable, Codable, Sendable {
    /// As they are.
    case float32
    /// Rounded to the upper 16 bits of a Float, half of the bytes: 8 bits of exponent, as a Float has, and 7 of fraction.
    case bfloat16
}
