import Kernels
import Testing

/// How far a result may be from what is expected.
enum Tolerance: Sendable {
    case exact
    /// |got - expected| ≤ absolute + relative·|expected|
    case within(absolute: Double, relative: Double)

    /// For results of order 1 in single precision.
    static let rounding = Tolerance.within(absolute: 5e-5, relative: 5e-5)

    func allows(_ got: Double, for expected: Double) -> Bool {
        switch self {
        case .exact: got == expected
        case .within(let absolute, let relative): abs(got - expected) <= absolute + relative * abs(expected)
        }
    }
}

/// One line for each result that is not as expected, with its worst element.
func disagreements(of got: [Observation], with expected: [Observation], _ tolerance: Tolerance) -> [String] {
    guard got.map(\.name) == expected.map(\.name) else {
        return ["got \(got.map(\.name)), expected \(expected.map(\.name))"]
    }
    return zip(got, expected).flatMap { got, expected in
        got.defects.map { "\(got.name) \($0)" } + disagreement(got.name, got.values, expected.values, tolerance)
    }
}

private func disagreement(
    _ name: String, _ got: DoubleTensor, _ expected: DoubleTensor, _ tolerance: Tolerance
) -> [String] {
    guard got.shape == expected.shape else { return ["\(name) has shape \(got.shape), expected \(expected.shape)"] }
    let wrong = got.elements.indices.filter { !tolerance.allows(got.elements[$0], for: expected.elements[$0]) }
    // NaN is the worst of all.
    func error(_ i: Int) -> Double {
        let difference = abs(got.elements[i] - expected.elements[i])
        return difference.isNaN ? .infinity : difference
    }
    guard let worst = wrong.max(by: { error($0) < error($1) }) else { return [] }
    return [
        """
        \(name): \(wrong.count) of \(got.elements.count) elements are off, worst at \(got.index(of: worst)): \
        got \(got.elements[worst]), expected \(expected.elements[worst]), difference \(error(worst))
        """
    ]
}

/// The operands of `item`, the same for every call.
func drawOperands(_ item: some OperationCase, _ kind: OperandSource.Kind) -> [DoubleTensor] {
    var source = OperandSource(kind, seed: 1)
    return item.operands(from: &source)
}

/// Runs `item` on a backend that has just run it on other operands, so that its memory is not fresh and whatever it
/// should have set, but did not, shows.
func observe(_ item: some OperationCase, _ operands: [DoubleTensor], on backend: any Backend) -> [Observation] {
    var source = OperandSource(.normals, seed: 2)
    _ = item.run(item.operands(from: &source), on: backend)
    return item.run(operands, on: backend)
}

/// Expects the oracle's results: equal ones on integers if the case allows, close ones on normal numbers.
func expectOracleResults(
    _ item: some OracleCase, on backend: BackendUnderTest, _ kind: OperandSource.Kind,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let operands = drawOperands(item, kind)
    let tolerance = kind == .integers && item.isExactOnIntegers ? Tolerance.exact : .rounding
    let found = disagreements(
        of: observe(item, operands, on: backend.make()), with: item.expected(operands), tolerance)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))", sourceLocation: sourceLocation)
}

/// Expects the same results of two backends.
func expectAgreement(
    _ item: some OperationCase, of backend: BackendUnderTest, with other: BackendUnderTest, _ tolerance: Tolerance,
    _ kind: OperandSource.Kind, sourceLocation: SourceLocation = #_sourceLocation
) {
    let operands = drawOperands(item, kind)
    let found = disagreements(
        of: observe(item, operands, on: backend.make()), with: observe(item, operands, on: other.make()), tolerance)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
