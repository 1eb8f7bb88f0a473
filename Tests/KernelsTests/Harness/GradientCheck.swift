import Testing

/// Compares claimed gradients with central differences of `loss`, (loss(x + h) - loss(x - h)) / 2h, element by
/// element, and returns one line for each operand whose gradient is wrong.
///
/// The difference may be 1e-3 of the element, plus 1e-4 of the gradient's largest: single precision's rounding is well
/// below both, a gradient scaled by 1.01 well above.
func gradientFailures(
    of loss: ([DoubleTensor]) -> Double, at operands: [DoubleTensor],
    claimed: [(name: String, operand: Int, gradient: DoubleTensor)]
) -> [String] {
    let step = 1e-5
    return claimed.flatMap { name, operand, gradient -> [String] in
        guard gradient.shape == operands[operand].shape else {
            return ["\(name) has shape \(gradient.shape), its operand \(operands[operand].shape)"]
        }
        var moved = operands
        let measured = operands[operand].elements.indices.map { i in
            let value = operands[operand].elements[i]
            moved[operand].elements[i] = value + step
            let above = loss(moved)
            moved[operand].elements[i] = value - step
            let below = loss(moved)
            moved[operand].elements[i] = value
            return (above - below) / (2 * step)
        }
        let largest = measured.map(abs).max() ?? 0
        guard largest > 0 else { return ["\(name) cannot be checked: the loss does not depend on its operand"] }
        return disagreements(
            of: [Observation(name, gradient)],
            with: [Observation(name, DoubleTensor(measured, shape: gradient.shape))],
            .within(absolute: 1e-4 * largest, relative: 1e-3))
    }
}

/// Expects every gradient that `item` claims to be the loss's.
func expectGradients(
    _ item: some DifferentiableCase, on backend: BackendUnderTest, sourceLocation: SourceLocation = #_sourceLocation
) {
    let operands = drawOperands(item, .normals)
    let observations = observe(item, operands, on: backend.make())
    let claimed = item.gradients.compactMap { name, operand in
        observations.first { $0.name == name }.map { (name: name, operand: operand, gradient: $0.values) }
    }
    #expect(claimed.count == item.gradients.count, "a gradient was not computed", sourceLocation: sourceLocation)
    let failures = gradientFailures(of: item.loss, at: operands, claimed: claimed)
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
