import Tensors

/// Sums over ranges of a tensor's stored Floats, each one pass over memory. No result depends on how a tensor is cut into
/// ranges, except that of `squares`, which is one sum a range.
public enum ElementSums {
    /// destination += source
    public static func add(_ source: Tensor, to destination: Tensor, in range: Range<Int>) {
        sweep(destination, source, range) { $0 + $1 }
    }

    /// average = decay·average + (1 - decay)·value
    public static func average(_ value: Tensor, into average: Tensor, decay: Double, in range: Range<Int>) {
        let (old, new) = (Float(decay), Float(1 - decay))
        sweep(average, value, range) { $0 * old + $1 * new }
    }

    /// Σ x², in double precision and a fixed order.
    public static func squares(of tensor: Tensor, in range: Range<Int>) -> Double {
        precondition(range.lowerBound >= 0 && range.upperBound <= tensor.storageCount, "squares of \(range)")
        let x = UnsafePointer(tensor.pointer) + range.lowerBound
        let vectors = range.count / 16
        var sums = SIMD16<Double>.zero
        for index in 0..<vectors {
            let wide = x.vector(index, as: SIMD16<Float>.self).widened
            sums += wide * wide
        }
        var total = sums.sum()
        for index in vectors * 16..<range.count { total += Double(x[index]) * Double(x[index]) }
        return total
    }

    @inline(__always)
    private static func sweep(
        _ destination: Tensor, _ source: Tensor, _ range: Range<Int>,
        _ body: (SIMD16<Float>, SIMD16<Float>) -> SIMD16<Float>
    ) {
        precondition(destination.storageCount == source.storageCount, "a sweep over unlike tensors")
        precondition(range.lowerBound >= 0 && range.upperBound <= source.storageCount, "a sweep over \(range)")
        let a = destination.pointer + range.lowerBound
        let b = UnsafePointer(source.pointer) + range.lowerBound
        let vectors = range.count / 16
        for index in 0..<vectors { a.store(body(a.vector(index), b.vector(index)), at: index) }
        for index in vectors * 16..<range.count {
            a[index] = body(SIMD16(repeating: a[index]), SIMD16(repeating: b[index]))[0]
        }
    }
}
