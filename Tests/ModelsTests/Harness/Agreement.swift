import Testing

/// Compares results with PyTorch's double precision truth, and collects what is off.
///
/// A result may be off by `multiple` times PyTorch's own single precision error, or by `floor` times the quantity's
/// scale where that is more: a few lucky runs of PyTorch do not bound what another order of summation does.
struct Agreement {
    let multiple: Double
    let floor: Double
    private(set) var failures: [String] = []

    init(multiple: Double, floor: Double) {
        self.multiple = multiple
        self.floor = floor
    }

    /// - Parameters:
    ///   - scale: what `floor` is relative to; by default the largest element of the truth.
    ///   - places: what the elements are called in a failure; by default their positions.
    mutating func compare(
        _ name: String, _ got: [Double], _ expected: TrainingFixture.Quantity, scale: Double? = nil,
        places: [Int]? = nil
    ) {
        guard got.count == expected.truth.count else {
            failures.append("\(name): \(got.count) elements, expected \(expected.truth.count)")
            return
        }
        // NaN is the worst of all.
        let errors = zip(got, expected.truth).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }
        guard let index = errors.indices.max(by: { errors[$0] < errors[$1] }) else { return }
        let magnitude = scale ?? expected.truth.map(abs).max() ?? 0
        let allowed = max(multiple * expected.float32Error, floor * magnitude)
        guard errors[index] > allowed else { return }
        failures.append(
            """
            \(name)[\(places?[index] ?? index)]: got \(got[index]), expected \(expected.truth[index]), off by \(errors[index]): \
            \(errors[index] / expected.float32Error) times PyTorch's own error, \
            \(errors[index] / magnitude) of the scale
            """)
    }

    /// Records one failure with all that is off.
    func report(sourceLocation: SourceLocation = #_sourceLocation) {
        guard !failures.isEmpty else { return }
        Issue.record(
            "\(failures.count) quantities are off:\n\(failures.joined(separator: "\n"))", sourceLocation: sourceLocation
        )
    }
}
