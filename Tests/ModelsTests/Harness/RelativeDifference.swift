/// The largest difference, relative to the largest element of `expected`; infinite if anything is not finite.
func relativeDifference<Value: BinaryFloatingPoint>(_ got: [Value], from expected: [Value]) -> Double {
    let differences = zip(got, expected).map { Double(abs($0 - $1)) }
    guard got.count == expected.count, differences.allSatisfy({ $0.isFinite }), let largest = differences.max() else {
        return .infinity
    }
    guard largest > 0 else { return 0 }
    return largest / Double(expected.map { abs($0) }.max() ?? 0)
}
