import Foundation
import Models
import Safetensors
import Tensors
import TestSupport
import Testing
import Training

/// The Python that $AAM_PYTHON names, or python3.
private let python = ProcessInfo.processInfo.environment["AAM_PYTHON"] ?? "python3"

private let canImportTorch: Bool = {
    let result = try? runCommand("/usr/bin/env", arguments: [python, "-c", "import torch, safetensors.torch"])
    return result?.status == 0
}()

private let loadCheckpoint = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Tools/pytorch/load_checkpoint.py").standardizedFileURL.path

extension Command {
    @Suite(.enabled(if: canImportTorch, "set AAM_PYTHON to a Python with torch and safetensors"))
    struct PyTorch {
        /// A trained checkpoint loads with every name in its place, and classifies as it does here.
        ///
        /// The greatest difference measured was 3e-7 of the greatest logit, in both variants.
        @Test(arguments: [
            ["--attention-placement=block", "--attention-fusion=sum"],
            ["--attention-placement=stage", "--attention-fusion=product", "--attention-kernel=auto"],
            ["--attention=cbam", "--attention-ratio=8"], ["--attention=se", "--attention-placement=stage"],
            ["--attention=eca", "--attention-kernel=auto"], ["--attention=channel"],
            ["--attention=spatial", "--spatial-kernel=3"],
        ])
        func readsOurCheckpointsAndComputesOurLogits(options: [String]) throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(AAM.training(into: folder("run"), options))
            let checkpoint = "\(folder("run"))/latest"

            let shape = [3, 3, 64, 48]
            var generator = RandomGenerator(7)
            let values = (0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }
            try SafetensorsFile(tensors: [SafetensorsTensor(name: "images", shape: shape, float32: values)])
                .write(folder("images.safetensors"))
            let result = try runCommand(
                "/usr/bin/env",
                arguments: [
                    python, loadCheckpoint, checkpoint, "--images", folder("images.safetensors"), "--out",
                    folder("logits.safetensors"),
                ], timeout: 120)
            try #require(result.status == 0, "\(result.stderr)")
            let expected = try SafetensorsFile.read(folder("logits.safetensors")).float32("logits")
            #expect(expected.shape == [3, Birds.classCount])

            let trained = try TrainedModel(
                checkpoint: checkpoint, imageSize: nil, batchSize: 3,
                backend: TrainingConfiguration.BackendChoice.onednn.makeBackend(threads: 1, convolutions: .winograd))
            #expect(trained.step == 8)
            let logits = try trained.model.forward(Tensor(values, shape: Shape(shape)), .inference).elements
            let scale = expected.values.map(abs).max() ?? 0
            #expect(scale > 0.01)
            for (logit, expected) in zip(logits, expected.values) {
                #expect(abs(logit - expected) <= 1e-5 * scale, "\(logits)")
            }
        }
    }
}
