import Foundation
import Safetensors
import Training

/// A folder for one test's checkpoints, removed when the value goes away.
final class CheckpointFixture {
    let directory: String

    init() {
        directory = FileManager.default.temporaryDirectory.appending(path: "aam-checkpoints-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func store(keeping count: Int = 3) -> CheckpointStore {
        CheckpointStore(directory: directory, keeping: count)
    }

    /// All names in the directory, hidden ones too.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    func target(_ link: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(link)")
    }

    /// Inverts one bit of a checkpoint's file.
    func flipBit(_ bit: Int, of file: String, step: Int) throws {
        let url = URL(filePath: "\(directory)/checkpoint-\(step)/\(file)")
        var bytes = try Data(contentsOf: url)
        bytes[bit / 8] ^= 1 << (bit % 8)
        try bytes.write(to: url)
    }

    static func checkpoint(step: Int) -> Checkpoint {
        let weights = (0..<24).map { Float(step) + Float($0) / 3 }
        return Checkpoint(
            state: TrainingState(
                step: step, epoch: 2, batchInEpoch: 17, worldSize: 4, seed: .max, bestMetric: 1.0 / 3, bestStep: 40,
                configuration: ["model": "resnet18", "learning-rate": "1e-4", "data": "a/b \"c\""]),
            model: SafetensorsFile(
                metadata: ["model": "resnet18", "attention": "aam"],
                tensors: [
                    SafetensorsTensor(name: "conv1.weight", shape: [2, 3, 2, 2], float32: weights),
                    SafetensorsTensor(name: "bn1.num_batches_tracked", shape: [], int64: [Int64(step)]),
                ]),
            optimizer: SafetensorsFile(tensors: [
                SafetensorsTensor(name: "momentum.conv1.weight", shape: [24], float32: weights.map { -$0 })
            ]))
    }
}

/// The description of the error that the closure throws.
func message<Result>(_ body: () throws -> Result) -> String {
    do {
        _ = try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}
