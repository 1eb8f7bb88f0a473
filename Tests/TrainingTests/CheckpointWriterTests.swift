import Foundation
import Kernels
import Models
import Safetensors
import Tensors
import Testing
import Training

extension TrainingRuns {
    /// The writer alone, with a model that does not train.
    @Suite struct CheckpointWriterTests {
        private static func makeModel(
            _ backend: any Backend, _ architecture: ModelConfiguration.Architecture = .resnet18
        ) -> (model: ResNet, optimizer: SGD) {
            var generator = RandomGenerator(11)
            let model = ResNet(
                ModelConfiguration(architecture: architecture, classes: 3), input: [2, 3, 32, 32], backend: backend,
                generator: &generator)
            let optimizer = SGD(model.arena, momentum: 0.9, weightDecay: 0)
            for (index, parameter) in model.parameters.enumerated() {
                let count = parameter.shape.elementCount
                parameter.copy(
                    (0..<count).map { Float($0 % 1009 + index) }, to: model.arena.slice(of: optimizer.momenta, index))
            }
            return (model, optimizer)
        }

        private func state(_ step: Int) -> TrainingState {
            TrainingState(step: step, epoch: 0, batchInEpoch: step, worldSize: 1, seed: 0)
        }

        @Test(arguments: TrainingConfiguration.BackendChoice.allCases)
        func everyTensorIsWrittenInPlainOrder(choice: TrainingConfiguration.BackendChoice) throws {
            let (model, optimizer) = Self.makeModel(choice.makeBackend(threads: 1, convolutions: .winograd), .resnet50)
            let disk = HeldDisk(permits: 1)
            let writer = CheckpointWriter(model, optimizer, to: disk)
            try writer.write(state(1), isBest: false)
            try writer.finish()
            let saved = try #require(disk.checkpoints.first)
            #expect(saved.state == state(1))
            #expect(saved.model.metadata == model.safetensors.metadata)
            #expect(saved.model.tensors == model.safetensors.tensors)
            #expect(saved.optimizer.names == model.parameters.map { "momentum.\($0.name)" })
            for (index, parameter) in model.parameters.enumerated() {
                let count = parameter.shape.elementCount
                let values = try saved.optimizer.float32("momentum.\(parameter.name)").values
                #expect(values == (0..<count).map { Float($0 % 1009 + index) }, "\(parameter.name)")
            }
        }

        @Test func whatChangesDuringTheWriteIsNotWritten() throws {
            let (model, optimizer) = Self.makeModel(AcceleratedBackend(threads: 1))
            let before = model.safetensors.tensors
            let disk = HeldDisk()
            let writer = CheckpointWriter(model, optimizer, to: disk)
            try writer.write(state(1), isBest: false)
            model.arena.values.zero()
            optimizer.momenta.zero()
            for norm in model.norms {
                norm.setRunning(
                    mean: norm.runningMean.map { $0 + 1 }, variance: norm.runningVariance, batchesTracked: 5)
            }
            disk.permit()
            try writer.finish()
            let saved = try #require(disk.checkpoints.first)
            #expect(saved.model.tensors == before)
            #expect(try saved.optimizer.float32("momentum.conv1.weight").values[1] == 1)
        }

        @Test func theNextWaitsForTheLastAndTellsHowLong() throws {
            let (model, optimizer) = Self.makeModel(AcceleratedBackend(threads: 1))
            let disk = HeldDisk(letsGoWhenAwaited: true)
            let writer = CheckpointWriter(model, optimizer, to: disk)
            #expect(try writer.write(state(3), isBest: false) == nil)
            let delay = try #require(try writer.write(state(4), isBest: false))
            #expect(disk.steps == [3], "was complete before the next one was begun")
            #expect(delay.step == 3)
            #expect(delay.secondsToWrite >= delay.secondsBetween && delay.secondsBetween >= 0)
            try writer.finish()
            #expect(disk.steps == [3, 4])
            #expect(disk.mostWritesAtOnce == 1)
        }

        @Test func delayIsToldWithBothTimes() {
            #expect(
                CheckpointDelay(step: 120, secondsBetween: 4, secondsToWrite: 6.254).description
                    == "training waited for the checkpoint of step 120: the next one was due after 4.00 s, but writing it "
                    + "took 6.25 s; write fewer (--checkpoint-every) or to a faster disk")
        }

        @Test func errorsSurfaceOnce() throws {
            let (model, optimizer) = Self.makeModel(AcceleratedBackend(threads: 1))
            let disk = HeldDisk(permits: 9, failingStep: 2)
            let writer = CheckpointWriter(model, optimizer, to: disk)
            try writer.write(state(1), isBest: false)
            try writer.write(state(2), isBest: false)
            #expect(throws: HeldDisk.DiskFull(step: 2)) { try writer.write(state(3), isBest: false) }
            #expect(disk.begun == [1, 2])
            #expect(!writer.hasFailed)
            try writer.finish()
        }

        /// Were a copy kept a checkpoint, ten would take ten times its bytes.
        @Test func memoryDoesNotGrowFromCheckpointToCheckpoint() throws {
            let (model, optimizer) = Self.makeModel(AcceleratedBackend(threads: 1))
            let writer = CheckpointWriter(model, optimizer, to: Forgetful())
            func residentBytes(afterWriting steps: Range<Int>) throws -> Int {
                for step in steps { try writer.write(state(step), isBest: false) }
                try writer.finish()
                let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
                return (try #require(Int(pages[1]))) * sysconf(Int32(_SC_PAGESIZE))
            }
            let first = try residentBytes(afterWriting: 0..<3)
            let later = try residentBytes(afterWriting: 3..<13)
            #expect(later - first < 2 * writer.byteCount, "\(first) bytes, then \(later)")
        }
    }
}

/// Reads all of a checkpoint and keeps nothing.
private struct Forgetful: CheckpointDestination {
    func write(_ checkpoint: Checkpoint, isBest: Bool) {
        let bytes = [checkpoint.model, checkpoint.optimizer].flatMap(\.tensors).reduce(0) { $0 + $1.bytes.count }
        #expect(bytes > 0)
    }

    func isAwaited(step: Int) {}
}
