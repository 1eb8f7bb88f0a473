import Foundation
import Kernels
import Models
import Safetensors
import Tensors
import Testing
import Training

@Suite struct PretrainedWeightsTests {
    private func model(
        _ attention: ModelConfiguration.Attention, classes: Int, seed: UInt64
    ) -> ResNet {
        var generator = RandomGenerator(seed)
        return ResNet(
            ModelConfiguration(architecture: .resnet18, attention: attention, classes: classes),
            input: [1, 3, 32, 32], backend: ReferenceBackend(), generator: &generator)
    }

    /// What torchvision's ResNet-18 for `classes` classes would be stored as.
    private func torchvision(classes: Int, prefix: String = "") -> SafetensorsFile {
        SafetensorsFile(
            metadata: ["format": "pt"],
            tensors: model(.none, classes: classes, seed: 9).safetensors.tensors.map {
                SafetensorsTensor(name: prefix + $0.name, elementType: $0.elementType, shape: $0.shape, bytes: $0.bytes)
            })
    }

    private func elements(_ model: ResNet) -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.elements) })
    }

    @Test(arguments: ["", "module."])
    func classifierOfOtherClassesIsLeftOutAndAttentionStays(prefix: String) throws {
        let (ours, before) = (model(.cbam, classes: 7, seed: 1), elements(model(.cbam, classes: 7, seed: 1)))
        let file = torchvision(classes: 1000, prefix: prefix)
        let weights = try ours.loadPretrained(file)
        #expect(weights.loaded.count == 120)
        #expect(weights.leftOut == ["\(prefix)fc.weight", "\(prefix)fc.bias"])
        #expect(weights.missing.count == 8 * 3 + 2)
        #expect(weights.missing.allSatisfy { $0.contains(".attention.") || $0.hasPrefix("fc.") })
        for (name, values) in elements(ours) {
            if weights.missing.contains(name) {
                #expect(values == before[name], "\(name)")
            } else {
                #expect(values == (try file.float32(prefix + name).values), "\(name)")
            }
        }
        #expect(
            weights.notes[0]
                == "the file: loaded 120 tensors: conv1 1, bn1 5, layer1 24, layer2 30, layer3 30, layer4 30")
        #expect(weights.notes[1] == "the file: left out \(prefix)fc.weight, \(prefix)fc.bias")
        #expect(
            weights.notes[2].hasPrefix("not in the file, left as initialised: layer1.0.attention.channel.fc1.weight,"))
    }

    @Test func classifierOfTheSameClassesIsTaken() throws {
        let ours = model(.none, classes: 5, seed: 1)
        let weights = try ours.loadPretrained(torchvision(classes: 5))
        #expect(weights.loaded.count == 122 && weights.leftOut.isEmpty && weights.missing.isEmpty)
        #expect(weights.notes.count == 1)
        #expect(elements(ours) == elements(model(.none, classes: 5, seed: 9)))
    }

    /// As files of half precision without counters, which older ones are, have them.
    @Test func otherPrecisionsAndMissingCountersAreTaken() throws {
        let halves = torchvision(classes: 5).tensors.compactMap { tensor -> SafetensorsTensor? in
            guard let values = tensor.float32 else { return nil }
            return SafetensorsTensor(
                name: tensor.name, elementType: .float16, shape: tensor.shape,
                bytes: values.map { Float16($0) }.withUnsafeBytes { Array($0) })
        }
        let ours = model(.none, classes: 5, seed: 1)
        let weights = try ours.loadPretrained(SafetensorsFile(tensors: halves))
        #expect(weights.missing.count == 20 && weights.missing.allSatisfy { $0.hasSuffix(".num_batches_tracked") })
        let expected = elements(model(.none, classes: 5, seed: 9)).mapValues { $0.map { Float(Float16($0)) } }
        #expect(elements(ours) == expected)
    }

    @Test func weightsOfAnotherArchitectureAreRefusedUnchanged() throws {
        var generator = RandomGenerator(9)
        let other = ResNet(
            ModelConfiguration(architecture: .resnet50, attention: .none, classes: 5), input: [1, 3, 32, 32],
            backend: ReferenceBackend(), generator: &generator)
        let ours = model(.none, classes: 5, seed: 1)
        let error = try #require(throws: TensorMismatch.self) { try ours.loadPretrained(other.safetensors) }
        #expect(error.missing.isEmpty && error.unexpected.isEmpty)
        let first = try #require(error.reshaped.first)
        #expect(first.name == "layer1.0.conv1.weight")
        #expect(first.expected == [64, 64, 3, 3] && first.found == [64, 64, 1, 1])
        #expect(elements(ours) == elements(model(.none, classes: 5, seed: 1)))
    }

    @Test func fileOfAnotherKindIsRefused() throws {
        let file = SafetensorsFile(tensors: [
            SafetensorsTensor(name: "blocks.0.attn.qkv.weight", shape: [1], float32: [1])
        ])
        let error = try #require(throws: TrainingError.self) {
            try model(.none, classes: 5, seed: 1).loadPretrained(file)
        }
        #expect(
            error.description == "the file has no weights of a ResNet: its names are such as blocks.0.attn.qkv.weight")
    }
}

extension TrainingRuns {
    @Suite struct PretrainedRunTests {
        @Test(arguments: [1, 2]) func runStartsFromTheWeightsAndAResumedOneDoesNot(ranks: Int) throws {
            let folder = CheckpointFixture()
            let path = "\(folder.directory)/weights.safetensors"
            try FileManager.default.createDirectory(atPath: folder.directory, withIntermediateDirectories: true)
            var generator = RandomGenerator(9)
            let source = ResNet(
                ModelConfiguration(architecture: .resnet18, attention: .none, classes: 1000), input: [1, 3, 32, 32],
                backend: ReferenceBackend(), generator: &generator)
            try source.safetensors.write(path)
            let conv1 = try #require(source.parameters.first { $0.name == "conv1.weight" }).elements

            let configuration = TrainingConfiguration.small(output: folder.directory) {
                $0.epochs = 2
                $0.weights = path
                $0.learningRate = 1e-9
            }
            let dataset = try TrainingFixture.dataset()
            let trial = Trial(configuration, on: dataset, ranks: ranks) { observer, record, model in
                if record.step == 1 {
                    let now = try #require(model.parameters.first { $0.name == "conv1.weight" }).elements
                    #expect(zip(now, conv1).allSatisfy { abs($0 - $1) < 1e-5 })
                }
                if record.step == 4 { throw Stopped() }
            }
            #expect(trial.failure is Stopped)
            #expect(trial.observers[0].notes.count == 3)
            #expect(trial.observers[0].notes[0].hasPrefix("\(path): loaded 120 tensors: "))
            #expect(trial.observers[0].notes[1] == "\(path): left out fc.weight, fc.bias")

            let resumed = Trial(configuration, on: dataset, ranks: ranks, resume: .auto)
            _ = try resumed.ends.get()
            #expect(resumed.observers[0].notes.count == 1)
        }
    }
}
