import Collectives
import Testing

@Suite struct BFloat16Tests {
    private func encode(_ values: [Float]) -> [UInt16] {
        var result = [UInt16](repeating: 0, count: values.count)
        var span = result.mutableSpan
        BFloat16.encode(values.span, into: &span)
        return result
    }

    private func decode(_ values: [UInt16]) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        var span = result.mutableSpan
        BFloat16.decode(values.span, into: &span)
        return result
    }

    @Test func everyBfloat16IsKept() {
        let all = (0...UInt16.max).filter { !Float(bitPattern: UInt32($0) << 16).isNaN }
        #expect(encode(decode(all)) == all)
    }

    @Test(
        arguments: [
            // Halfway between 1 and 1 + 2^-7 goes to the even 1, the next halfway up to the even 1 + 2^-6.
            (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x3F80_8001, 0x3F81), (0x3F80_7FFF, 0x3F80),
            (0xBF80_8000, 0xBF80), (0xBF81_8000, 0xBF82),
            // The smallest subnormal, and what lies above the largest finite number.
            (0x0000_0001, 0x0000), (0x0000_8001, 0x0001), (0x7F7F_FFFF, 0x7F80), (0xFF7F_FFFF, 0xFF80),
        ] as [(UInt32, UInt16)])
    func valuesAreRoundedToTheNearestEven(bits: UInt32, expected: UInt16) {
        #expect(encode([Float(bitPattern: bits)]) == [expected])
    }

    /// Among them those whose fraction has only low bits, or only ones.
    @Test(arguments: [0x7F80_0001, 0x7FFF_FFFF, 0xFF80_0001, 0x7FC0_0000] as [UInt32])
    func notANumberStaysSo(bits: UInt32) {
        #expect(decode(encode([Float(bitPattern: bits)]))[0].isNaN)
    }

    @Test func sumsAreOfSinglePrecision() {
        var total: [Float] = [1, 256, 0.5]
        var span = total.mutableSpan
        BFloat16.accumulate(encode([1.0 / 256, 1, -0.25]).span, into: &span)
        #expect(total == [1 + 1.0 / 256, 257, 0.25])
    }
}
