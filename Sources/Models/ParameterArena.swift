import Tensors

/// All parameters of a model in one piece of memory, and all gradients in another with the same places.
///
/// The last layer's parameters come first, the order in which a backward pass completes gradients, so that any prefix
/// can be reduced over the ranks while the rest is computed, and an optimizer sweeps one array.
public final class ParameterArena {
    /// In the model's order.
    public let parameters: [Parameter]
    /// Row-major, of `count` Floats; the gaps that align parameters to cache lines stay zero.
    public let values: Tensor
    /// As `values`, and in the same places.
    public let gradients: Tensor
    private let offsets: [Int]

    /// Moves the parameters' values into the arena; their gradients are zero there.
    public init(_ parameters: [Parameter]) {
        self.parameters = parameters
        var offsets = [Int](repeating: 0, count: parameters.count)
        var end = 0
        for index in parameters.indices.reversed() {
            offsets[index] = end
            end += (parameters[index].value.storageCount + 15) / 16 * 16
        }
        self.offsets = offsets
        values = .zeros([end])
        gradients = .zeros([end])
        for (index, parameter) in parameters.enumerated() {
            parameter.move(value: slice(of: values, index), gradient: slice(of: gradients, index))
        }
    }

    /// Floats in the arena, gaps included.
    public var count: Int { values.storageCount }

    /// Floats at the start of the arena that the parameters from `index` on take, gaps included.
    func prefixCount(from index: Int) -> Int {
        if index == 0 { return count }
        return index == parameters.count ? 0 : offsets[index - 1]
    }

    /// The Floats of one parameter, and of the gap behind it.
    public func range(of index: Int) -> Range<Int> { offsets[index]..<prefixCount(from: index) }

    /// The place of one parameter in an array of the arena's size, such as an optimizer's state.
    /// - Parameters:
    ///   - tensor: of `count` Floats.
    ///   - index: the parameter's position in `parameters`.
    public func slice(of tensor: Tensor, _ index: Int) -> Tensor {
        let parameter = parameters[index]
        return tensor.view(at: offsets[index], shape: parameter.shape, layout: parameter.value.layout)
    }

    /// Names the placement of every element; ranks whose signatures differ must not add their gradients.
    public var signature: String {
        parameters.map { "\($0.name) \($0.shape) \($0.value.layout)" }.joined(separator: "\n")
    }
}
