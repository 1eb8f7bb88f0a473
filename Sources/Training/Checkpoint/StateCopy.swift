import Kernels
import Models
import Safetensors
import Tensors

/// A copy of what a checkpoint holds.
///
/// Taking it is a copy of memory in the model's own layouts; putting it into plain order is left to the thread that
/// writes. The same memory serves one checkpoint after another. One thread at a time uses it.
final class StateCopy: @unchecked Sendable {
    private struct Entry {
        let name: String
        let shape: Shape
        let value: Tensor
        let momentum: Tensor
    }

    private let model: ResNet
    private let optimizer: SGD
    private let centerLoss: CenterLoss?
    private let configuration: ModelConfiguration
    private let values: Tensor
    private let momenta: Tensor
    /// Views of the copies.
    private let entries: [Entry]
    /// Where one tensor at a time is put into plain order.
    private let plain: Tensor
    private var statistics: [StateEntry] = []
    private var centers: [StateEntry] = []
    private var copier: any ElementCopier

    init(of model: ResNet, _ optimizer: SGD, _ centerLoss: CenterLoss?) {
        self.centerLoss = centerLoss
        self.model = model
        self.optimizer = optimizer
        let arena = model.arena
        let (values, momenta) = (Tensor([arena.count]), Tensor([arena.count]))
        (self.values, self.momenta) = (values, momenta)
        configuration = model.configuration
        entries = arena.parameters.enumerated().map { index, parameter in
            Entry(
                name: parameter.name, shape: parameter.shape, value: arena.slice(of: values, index),
                momentum: arena.slice(of: momenta, index))
        }
        plain = Tensor([entries.map(\.shape.elementCount).max() ?? 0])
        copier = model.backend.makeElementCopier()
    }

    /// Bytes that `take` copies, apart from the few of the batch norms.
    var byteCount: Int { (values.storageCount + momenta.storageCount) * MemoryLayout<Float>.stride }

    /// Copies the model and the momenta as they are, on the thread that trains.
    func take() {
        values.copyStored(from: model.arena.values)
        momenta.copyStored(from: optimizer.momenta)
        statistics = model.statistics
        centers = centerLoss.map { [$0.entry] } ?? []
        copier = model.backend.makeElementCopier()
    }

    /// The copy in plain order, which is made tensor by tensor as it is read. It is good until the next `take`.
    func checkpoint(_ state: TrainingState) -> Checkpoint {
        func tensors(prefix: String, _ place: (Entry) -> Tensor) -> [SafetensorsTensor] {
            entries.map { entry in
                let tensor = place(entry)
                return SafetensorsTensor(name: prefix + entry.name, shape: entry.shape.dimensions) { [self] in
                    rowMajor(tensor)
                }
            }
        }
        return Checkpoint(
            state: state,
            model: SafetensorsFile(
                metadata: configuration.metadata,
                tensors: tensors(prefix: "", \.value) + statistics.map(SafetensorsTensor.init)),
            optimizer: SafetensorsFile(
                metadata: ["optimizer": "sgd"],
                tensors: tensors(prefix: SGD.filePrefix, \.momentum) + centers.map(SafetensorsTensor.init)))
    }

    private func rowMajor(_ tensor: Tensor) -> [Float] {
        let view = plain.view(at: 0, shape: tensor.shape)
        copier.copyElements(from: tensor, to: view)
        return view.withUnsafeBufferPointer { Array($0) }
    }
}
