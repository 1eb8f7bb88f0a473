import Collectives
import Kernels
import Planning
import Training

/// What `aam plan` needs to know of a training step: its parts, and when in the backward gradients are final, without
/// communication between nodes.
public struct ProfileBenchmark {
    private let benchmark: StepBenchmark
    private let communicator: any Communicator
    private let backend: any Backend
    private let nodes: [[Int]]
    private let processors: Int

    /// - Parameters:
    ///   - nodes: The ranks of each node.
    ///   - processors: That a rank has to itself.
    public init(
        _ benchmark: StepBenchmark, on communicator: any Communicator, backend: any Backend, nodes: [[Int]],
        processors: Int
    ) {
        self.benchmark = benchmark
        self.communicator = communicator
        self.backend = backend
        self.nodes = nodes
        self.processors = processors
    }

    /// Measures the batch and a quarter of it, all ranks at once; the same on all of them.
    /// - Parameter repetitions: whose medians count.
    /// - Throws: failures of communication.
    public func profile(repetitions: Int) throws -> StepProfile {
        let batches = Set([max(1, benchmark.batchPerRank / 4), benchmark.batchPerRank]).sorted()
        var (computations, optimizers): ([StepProfile.Computation], [Double]) = ([], [])
        var (title, gradientBytes) = ("", 0)
        for images in batches {
            let step = try TrainingStep(
                StepBenchmark(
                    benchmark.model, batchPerRank: images, imageSize: benchmark.imageSize,
                    communication: benchmark.communication, seed: benchmark.seed), communicator, backend)
            (title, gradientBytes) = (
                step.network.configuration.title, step.network.arena.count * MemoryLayout<Float>.stride
            )
            let (computation, optimizer) = try measure(step, images: images, repetitions: repetitions)
            computations.append(computation)
            optimizers.append(optimizer)
        }
        let costs = try SumBenchmark(on: communicator, nodes: nodes).costs(repetitions: repetitions)
        return StepProfile(
            model: title, imageSize: benchmark.imageSize, ranksPerNode: nodes.reduce(1) { max($0, $1.count) },
            threads: backend.threads, processors: processors, gradientBytes: gradientBytes,
            computations: computations, optimizer: median(optimizers), sums: costs)
    }

    private func measure(
        _ step: TrainingStep, images: Int, repetitions: Int
    ) throws -> (StepProfile.Computation, optimizer: Double) {
        let bytes = try step.timedParts().completedBytes
        var runs: [[Double]] = []
        for _ in 0..<repetitions {
            try communicator.barrier()
            let parts = try step.timedParts()
            var times = [parts.forward, parts.optimizer] + parts.completedSeconds
            try communicator.allreduce(&times, .max)
            runs.append(times)
        }
        let times = runs[0].indices.map { index in median(runs.map { $0[index] }) }
        let completions = zip(bytes, times[2...]).map { StepProfile.Completion(bytes: $0, seconds: $1) }
        return (StepProfile.Computation(images: images, forward: times[0], backward: completions), times[1])
    }
}

extension TrainingStep {
    fileprivate struct Parts {
        let forward: Double
        /// Of the arena, whose gradients were final.
        let completedBytes: [Int]
        /// When, after the backward's start.
        let completedSeconds: [Double]
        let optimizer: Double
    }

    /// A step of this rank alone, whose gradients are not summed.
    fileprivate func timedParts() throws -> Parts {
        let start = ContinuousClock.now
        let gradient = try forward(images, labels: labels).gradient
        let forwardEnd = ContinuousClock.now
        var (bytes, instants): ([Int], [ContinuousClock.Instant]) = ([], [])
        try network.backward(gradient) { floats in
            bytes.append(floats * MemoryLayout<Float>.stride)
            instants.append(.now)
        }
        let backwardEnd = ContinuousClock.now
        optimizer.step(learningRate: StepBenchmark.learningRate, in: 0..<network.arena.count)
        let end = ContinuousClock.now
        return Parts(
            forward: (forwardEnd - start) / .seconds(1), completedBytes: bytes,
            completedSeconds: instants.map { ($0 - forwardEnd) / .seconds(1) },
            optimizer: (end - backwardEnd) / .seconds(1))
    }
}
