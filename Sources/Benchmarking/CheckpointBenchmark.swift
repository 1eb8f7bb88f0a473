import Collectives
import Foundation
import Kernels
import Models
import Safetensors
import Tensors
import Training

/// Checkpoints of a model: what they cost training, and what they cost the disk.
public final class CheckpointBenchmark {
    private let step: TrainingStep
    private let writer: CheckpointWriter
    private let folder: String
    /// Of a checkpoint's files.
    private let bytes: Int
    private let disk: PlainFile
    private let memory: (source: Tensor, destination: Tensor)
    private var written = 0

    /// Makes the model, writes a checkpoint and checks that it reads back bit for bit.
    ///
    /// - Parameter folder: on the disk to measure; nothing else is in it.
    /// - Throws: `BenchmarkError`, `FileError`.
    public init(_ benchmark: StepBenchmark, backend: any Backend, folder: String) throws {
        let step = try TrainingStep(benchmark, SingleProcess(), backend)
        let store = CheckpointStore(directory: folder, keeping: 1)
        let writer = CheckpointWriter(step.network, step.optimizer, to: store)
        (self.step, self.writer, self.folder) = (step, writer, folder)
        step.fillState()
        try writer.write(.benchmark(step: 0), isBest: false)
        try writer.finish()
        try step.check(Checkpoint.load(store.path(ofStep: 0)))
        bytes = try [CheckpointFile.model, CheckpointFile.optimizer, CheckpointFile.state].reduce(0) { sum, name in
            try sum + FileDescriptor(reading: "\(store.path(ofStep: 0))/\(name)").regularFileSize()
        }
        disk = PlainFile(path: "\(folder)/plain", bytes: bytes)
        let floats: Shape = [writer.byteCount / MemoryLayout<Float>.stride]
        memory = (.zeros(floats), .zeros(floats))
    }

    /// Medians over `repetitions` checkpoints and their limits, which take turns.
    /// - Parameter steps: training steps to compare with, or 0.
    public func figures(repetitions: Int, steps: Int) throws -> [Figure] {
        let trainingSteps = try timedSteps(steps)
        var (stalls, copies, writes, plains): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for _ in 0..<repetitions {
            written += 1
            stalls.append(try seconds { try writer.write(.benchmark(step: written), isBest: false) })
            writes.append(try seconds(writer.finish))
            copies.append(seconds { memory.destination.copyStored(from: memory.source) })
            plains.append(try seconds(disk.write))
        }
        let megabytes = Double(bytes) / 1e6
        var figures = [
            Figure("stall", median(stalls), "s", limit: median(copies), limitName: "a plain copy in memory"),
            Figure("write", median(writes), "s", limit: median(plains), limitName: "a plain write and fsync"),
            Figure(
                "writing", megabytes / median(writes), "MB/s", limit: megabytes / median(plains),
                limitName: "a plain write and fsync"),
        ]
        if !trainingSteps.isEmpty {
            figures.append(Figure("stall in training steps", median(stalls) / median(trainingSteps), "steps"))
        }
        return figures
    }

    private func timedSteps(_ count: Int) throws -> [Double] {
        guard count > 0 else { return [] }
        _ = try step.run()
        return try (0..<count).map { _ in try seconds { _ = try step.run() } }
    }
}

extension TrainingState {
    fileprivate static func benchmark(step: Int) -> TrainingState {
        TrainingState(step: step, epoch: 0, batchInEpoch: step, worldSize: 1, seed: 0)
    }
}

extension TrainingStep {
    /// Gives momenta and statistics values that differ from place to place, as after some training.
    fileprivate func fillState() {
        optimizer.momenta.copyStored(from: network.arena.values)
        for (index, norm) in network.norms.enumerated() {
            norm.setRunning(
                mean: norm.runningMean.indices.map { Float($0) / 7 - Float(index) },
                variance: norm.runningVariance.indices.map { 1 + Float($0) / 11 }, batchesTracked: Int64(index))
        }
    }

    /// Restores the state from the checkpoint.
    /// - Throws: `BenchmarkError.checkpointDiffers` if it is not the same then.
    fileprivate func check(_ checkpoint: Checkpoint) throws {
        func bits() -> [(what: String, bits: [UInt32])] {
            let statistics = network.norms.flatMap { $0.runningMean + $0.runningVariance + [Float($0.batchesTracked)] }
            return [
                ("the parameters", network.arena.values.storedBits), ("the momenta", optimizer.momenta.storedBits),
                ("the running statistics", statistics.map(\.bitPattern)),
            ]
        }
        let expected = bits()
        network.arena.values.zero()
        optimizer.momenta.zero()
        for norm in network.norms {
            let zeros = norm.runningMean.map { _ in Float(0) }
            norm.setRunning(mean: zeros, variance: zeros, batchesTracked: 0)
        }
        try network.load(checkpoint.model)
        try optimizer.load(checkpoint.optimizer)
        for (before, after) in zip(expected, bits()) where before.bits != after.bits {
            throw BenchmarkError.checkpointDiffers(before.what)
        }
    }
}

extension Tensor {
    fileprivate var storedBits: [UInt32] { withUnsafeBufferPointer { $0.map(\.bitPattern) } }
}
