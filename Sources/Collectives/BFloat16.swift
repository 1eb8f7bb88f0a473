/// Conversions between Float and bfloat16, whose bits are a Float's upper half.
package enum BFloat16 {
    /// Rounds to the nearest, of two to the even one. NaN stays NaN; what is too large becomes infinite.
    package static func encode(_ values: Span<Float>, into target: inout MutableSpan<UInt16>) {
        precondition(values.count == target.count, "\(values.count) values cannot become \(target.count)")
        // Equal counts, as just checked; checks inside would stop vectorisation.
        for i in 0..<values.count { target[unchecked: i] = encoded(values[unchecked: i]) }
    }

    package static func decode(_ values: Span<UInt16>, into target: inout MutableSpan<Float>) {
        precondition(values.count == target.count, "\(values.count) values cannot become \(target.count)")
        for i in 0..<values.count { target[unchecked: i] = decoded(values[unchecked: i]) }
    }

    /// total[i] += values[i], in single precision.
    package static func accumulate(_ values: Span<UInt16>, into total: inout MutableSpan<Float>) {
        precondition(values.count == total.count, "\(values.count) values cannot be added to \(total.count)")
        for i in 0..<values.count { total[unchecked: i] += decoded(values[unchecked: i]) }
    }

    @inline(__always)
    private static func encoded(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
        // Rounding could carry a NaN's fraction away, or cut it off.
        let quiet = bits >> 16 | 0x40
        return UInt16(truncatingIfNeeded: bits & 0x7FFF_FFFF > 0x7F80_0000 ? quiet : rounded)
    }

    @inline(__always)
    private static func decoded(_ value: UInt16) -> Float { Float(bitPattern: UInt32(value) << 16) }
}
