import Kernels
import Models
import Safetensors
import Tensors

/// A copy of what a checkpoint holds.
///
/// Taking it is a copy of memory in the model's own layouts; putting it into plain order is left to the thread that
/// writes. The same memory serves one checkpoint after another. One thread at a time uses it.
final class StateCopy: @unchecked Sendable {
    private let model: ResNet
    private let optimizer: SGD
    private let centerLoss: CenterLoss?
    private let average: WeightAverage?
    /// Of the model's files.
    private let metadata: [String: String]
    private let values: Tensor
    private let momenta: Tensor
    private let averages: Tensor?
    /// Where one tensor at a time is put into plain order.
    private let plain: Tensor
    private var statistics: [StateEntry] = []
    private var centers: [StateEntry] = []
    private var averageStatistics: [StateEntry] = []
    /// Each rank's own, where they differ.
    private var rankStatistics: [[Float]] = []
    private var copier: any ElementCopier

    init(
        of model: ResNet, for task: ClassificationTask?, _ optimizer: SGD, _ centerLoss: CenterLoss?,
        _ average: WeightAverage?
    ) {
        self.centerLoss = centerLoss
        self.model = model
        self.optimizer = optimizer
        self.average = average
        let count = model.arena.count
        (values, momenta) = (Tensor([count]), Tensor([count]))
        averages = average.map { _ in Tensor([count]) }
        metadata = model.configuration.metadata.merging(task?.metadata ?? [:]) { $1 }
        plain = Tensor([model.parameters.map(\.shape.elementCount).max() ?? 0])
        copier = model.backend.makeElementCopier()
    }

    /// Bytes that `take` copies, apart from the few of the batch norms.
    var byteCount: Int { (averages == nil ? 2 : 3) * values.storageCount * MemoryLayout<Float>.stride }

    /// Copies the model, the momenta and the average as they are, on the thread that trains.
    func take(statistics ofRanks: [[Float]] = []) {
        rankStatistics = ofRanks
        values.copyStored(from: model.arena.values)
        momenta.copyStored(from: optimizer.momenta)
        statistics = model.statistics
        centers = centerLoss.map { [$0.entry] } ?? []
        if let average, let averages {
            averages.copyStored(from: average.values)
            averageStatistics = average.entries
        }
        copier = model.backend.makeElementCopier()
    }

    /// The copy in plain order, which is made tensor by tensor as it is read. It is good until the next `take`.
    func checkpoint(_ state: TrainingState) -> Checkpoint {
        func file(_ values: Tensor, _ statistics: [StateEntry]) -> SafetensorsFile {
            SafetensorsFile(
                metadata: metadata,
                tensors: tensors(of: values) + statistics.map(SafetensorsTensor.init))
        }
        return Checkpoint(
            state: state, model: file(values, statistics),
            optimizer: SafetensorsFile(
                metadata: ["optimizer": "sgd"],
                tensors: tensors(of: momenta, prefix: SGD.filePrefix) + centers.map(SafetensorsTensor.init)
                    + RankStatistics.tensors(rankStatistics)),
            average: averages.map { file($0, averageStatistics) })
    }

    private func tensors(of copy: Tensor, prefix: String = "") -> [SafetensorsTensor] {
        model.parameters.enumerated().map { index, parameter in
            let place = model.arena.slice(of: copy, index)
            return SafetensorsTensor(name: prefix + parameter.name, shape: parameter.shape.dimensions) { [self] in
                rowMajor(place)
            }
        }
    }

    private func rowMajor(_ tensor: Tensor) -> [Float] {
        let view = plain.view(at: 0, shape: tensor.shape)
        copier.copyElements(from: tensor, to: view)
        return view.withUnsafeBufferPointer { Array($0) }
    }
}
