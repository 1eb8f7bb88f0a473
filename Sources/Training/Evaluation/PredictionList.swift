import Collectives
import Datasets
import Kernels
import Tensors

/// Predictions.
struct PredictionList {
    private(set) var predictions: [Prediction] = []
    private let rankedCount: Int

    /// - Parameter rankedCount: the classes that a prediction ranks, if there are as many.
    init(rankedCount: Int) { self.rankedCount = rankedCount }

    mutating func add(_ logits: Tensor, _ batch: ImageBatch) {
        // Where there is no label, there is no loss.
        let losses = SoftmaxCrossEntropy.losses(logits, labels: batch.labels.map { max(0, $0) })
        for (row, probabilities) in SoftmaxCrossEntropy.probabilities(logits).enumerated() {
            let loss = batch.labels[row] == ImageSample.unknownLabel ? 0 : losses[row]
            predictions.append(
                Prediction(
                    index: batch.indices[row], classProbabilities: probabilities, count: rankedCount, loss: loss))
        }
    }

    /// On rank 0 those of all ranks, in the list's order; on the others none.
    func gathered(on communicator: any Communicator) throws -> PredictionList {
        let indices = try communicator.gather(predictions.map { Int64($0.index) }, to: 0)
        let rankings = try communicator.gather(predictions.flatMap { $0.ranking.map(Int64.init) }, to: 0)
        let probabilities = try communicator.gather(predictions.flatMap(\.probabilities), to: 0)
        let losses = try communicator.gather(predictions.map(\.loss), to: 0)
        var all = PredictionList(rankedCount: rankedCount)
        for (rank, indices) in indices.enumerated() where !indices.isEmpty {
            let width = rankings[rank].count / indices.count
            for (row, index) in indices.enumerated() {
                let range = row * width..<(row + 1) * width
                all.predictions.append(
                    Prediction(
                        index: Int(index), ranking: rankings[rank][range].map(Int.init),
                        probabilities: Array(probabilities[rank][range]), loss: losses[rank][row]))
            }
        }
        all.predictions.sort { $0.index < $1.index }
        return all
    }

    /// - Parameter samples: the list that the predictions' indices refer to.
    func result(_ samples: [ImageSample]) -> EvaluationResult {
        var result = EvaluationResult()
        for prediction in predictions {
            let label = samples[prediction.index].label
            result.count += 1
            if prediction.ranking[0] == label { result.top1Count += 1 }
            if prediction.ranking.prefix(5).contains(label) { result.top5Count += 1 }
        }
        result.lossSum = predictions.reduce(0) { $0 + $1.loss }
        return result
    }
}
