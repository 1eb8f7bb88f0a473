/// A benchmark whose result is wrong before it is slow.
public enum BenchmarkError: Error, CustomStringConvertible {
    case notReproducible([Double], [Double])
    case notLearning([Double])
    /// What of a checkpoint is not as it was written.
    case checkpointDiffers(String)
    /// Two loads of a batch differ.
    case loadsDiffer
    /// A kernel whose result differs from the reference's by this part of its scale.
    case wrong(String, error: Double)
    case wrongSum(String, index: Int, value: Float, expected: Float)

    public var description: String {
        switch self {
        case .notReproducible(let first, let again):
            "two runs from the same state have different losses: \(first) and \(again)"
        case .notLearning(let losses):
            "the loss on the same batch does not fall: \(losses)"
        case .checkpointDiffers(let what):
            "a checkpoint does not read back as it was written: \(what) differ"
        case .loadsDiffer:
            "two loads of the same batch are not the same bit for bit"
        case .wrong(let kernel, let error):
            "\(kernel) differs from the reference by \(error) of its largest result"
        case .wrongSum(let what, let index, let value, let expected):
            "element \(index) of the sum of \(what) is \(value), not \(expected)"
        }
    }
}
