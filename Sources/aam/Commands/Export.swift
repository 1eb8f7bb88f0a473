import ArgumentParser
import Collectives
import Exporting
import Foundation
import Kernels
import Models
import Reporting
import Training

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a checkpoint's model for other programs: as ONNX, or as safetensors with a PyTorch script.",
        discussion: """
            The file's metadata hold the class names and how images are to be prepared.

              aam export --checkpoint runs/cub/best --output birds.onnx --softmax
              aam export --checkpoint runs/cub/best --output birds.safetensors
              python3 load_birds.py photo.jpg
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case onnx, safetensors
    }

    @Option(help: "The file to write; with safetensors the script that loads it is written beside it.")
    var output: String
    @Option(help: "What to write. (default: what the ending of --output says)") var format: Format?
    @Flag(help: "Make batch norm part of the convolutions, which changes results by rounding only.")
    var foldBatchNorm = false
    @Flag(help: "Put out probabilities instead of logits, with ONNX.") var softmax = false
    @Option(
        help: """
            Version of ONNX's operators, \(OperatorSet.supported.lowerBound) to \(OperatorSet.supported.upperBound). \
            (default: \(OperatorSet.oldest.version))
            """)
    var opset: Int?
    @OptionGroup(title: "Model") var model: ModelArguments

    private var chosenFormat: Format? { format ?? Format(rawValue: URL(filePath: output).pathExtension) }

    func validate() throws {
        guard let chosenFormat else {
            throw ValidationError("'\(output)' ends neither in .onnx nor in .safetensors: give --format.")
        }
        if chosenFormat != .onnx, softmax || opset != nil {
            throw ValidationError("--softmax and --opset go with --format onnx.")
        }
        if let opset {
            let versions = OperatorSet.supported
            try require(
                versions.contains(opset), "opset", "\(versions.lowerBound) to \(versions.upperBound)", opset)
        }
    }

    func run() throws {
        let code = runJob(on: SingleProcess(), export)
        if code != 0 { throw ExitCode(code) }
    }

    private func export() throws {
        var (trained, preprocessing) = try model.load(batchSize: 1, backend: ReferenceBackend())
        preprocessing.cropBoxes = trained.preprocessing.cropBoxes
        let (classNames, warnings) = try model.classNames(of: trained)
        let reporter = WarningReporter(rank: 0)
        for warning in warnings { reporter.warning(warning) }
        let exported = try ExportedModel(
            trained.model,
            ModelDescription(
                classNames: classNames, preparation: ImagePreparation(preprocessing), checkpoint: model.checkpoint,
                step: trained.step, isAverage: model.ema, version: AAM.configuration.version),
            foldingBatchNorms: foldBatchNorm)
        printLine("\(model.checkpoint), step \(trained.step): \(trained.model.title)")
        switch chosenFormat {
        case .onnx, nil:
            let operators = opset.flatMap(OperatorSet.init) ?? .oldest
            try exported.writeONNX(output, operators, softmax: softmax)
            printLine("\(output): ONNX, opset \(operators.version), \(size)")
        case .safetensors:
            let script = try exported.writeSafetensors(output)
            printLine("\(output): safetensors, \(size)")
            printLine("\(script): loads it in PyTorch and classifies images")
        }
    }

    /// The written file's size.
    private var size: String {
        let bytes = try? FileManager.default.attributesOfItem(atPath: output)[.size] as? Int
        return String(format: "%.1f MB", Double(bytes ?? 0) / 1e6)
    }
}
