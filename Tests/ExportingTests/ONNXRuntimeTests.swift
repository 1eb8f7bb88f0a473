import Exporting
import Foundation
import Models
import Safetensors
import Tensors
import TestSupport
import Testing

/// The Python that $AAM_PYTHON names, or python3.
private let python = ProcessInfo.processInfo.environment["AAM_PYTHON"] ?? "python3"

private let canImportONNX: Bool = {
    let result = try? runCommand(
        "/usr/bin/env", arguments: [python, "-c", "import onnx, onnxruntime, numpy, safetensors.numpy"])
    return result?.status == 0
}()

private let checkModels = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Tools/onnx/check_models.py").standardizedFileURL.path

/// Exported files as ONNX's checker and ONNX Runtime see them, beside what we compute on the same images.
@Suite(.serialized, .enabled(if: canImportONNX, "set AAM_PYTHON to a Python with onnx, onnxruntime and safetensors"))
struct ONNXRuntimeTests {
    private func reports(of variants: [Variant]) throws -> [ModelReport] {
        let folder = try TemporaryFolder()
        let batches = try Photographs(folder).batches
        for (index, variant) in variants.enumerated() {
            let model = try variant.makeModel()
            let path = folder("\(index + 10)")
            try variant.export(model).writeONNX("\(path).onnx", variant.opset, softmax: variant.softmax)
            // As evaluation computes them.
            let expected = try model.inferring { try batches.map { try model.forward($0, .inference) } }
            let outputs = variant.softmax ? expected.map(probabilities) : expected
            try SafetensorsFile(
                tensors: batches.enumerated().map { SafetensorsTensor("images.\($0)", $1) }
                    + outputs.enumerated().map { SafetensorsTensor("expected.\($0)", $1) }
            ).write("\(path).safetensors")
        }
        let result = try runCommand("/usr/bin/env", arguments: [python, checkModels, folder.path], timeout: 240)
        try #require(result.status == 0, "\(result.stdout)\(result.stderr)")
        let reports = try result.stdout.split(separator: "\n").map {
            try JSONDecoder().decode(ModelReport.self, from: Data($0.utf8))
        }
        try #require(reports.count == variants.count)
        return reports
    }

    private func probabilities(_ logits: Tensor) -> Tensor {
        let classes = logits.shape[1]
        let values = logits.elements
        let rows = (0..<logits.shape[0]).flatMap { row in
            let exponentials = values[row * classes..<(row + 1) * classes].map { exp(Double($0)) }
            return exponentials.map { Float($0 / exponentials.reduce(0, +)) }
        }
        return Tensor(rows, shape: logits.shape)
    }

    /// The greatest differences measured were 7e-6 of the greatest logit and 9e-5 of what images differ in.
    private func expectAgreement(_ variants: [Variant], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for (variant, report) in zip(variants, try reports(of: variants)) {
            let name = "\(variant.configuration) folded \(variant.folded) opset \(report.opset)"
            #expect(report.opset == variant.opset.version)
            #expect(report.input == [["batch", 3, "height", "width"]])
            #expect(report.output == [variant.softmax ? "probabilities" : "logits", "batch", 5])
            #expect(report.operators.contains("BatchNormalization") != variant.folded)
            #expect(report.results.map(\.shape) == [[3, 3, 96, 96], [2, 3, 64, 112]])
            for result in report.results {
                let comment: Comment = "\(name): \(result)"
                #expect(result.difference <= 2e-5 * result.scale, comment, sourceLocation: sourceLocation)
                #expect(result.difference <= 1e-3 * result.spread, comment, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func everyAttentionInEveryBlockComputesOurLogits() throws {
        try expectAgreement(
            ModelConfiguration.Attention.allCases.map { Variant($0) } + [Variant(.aam, .block, .product)])
    }

    @Test func everyAttentionAfterEachStageComputesOurLogits() throws {
        let attentions = ModelConfiguration.Attention.allCases.filter { $0 != .none }
        try expectAgreement(
            attentions.map { Variant($0, .stage) } + [Variant(.aam, .stage, .product)])
    }

    @Test func optionsOfModulesAndOfTheFileComputeOurLogits() throws {
        try expectAgreement([
            Variant(.aam, channelKernel: .auto, spatialKernel: 3, opset: 18, folded: true),
            Variant(.cbam, spatialKernel: 5, ratio: 4, opset: 21, folded: true, softmax: true),
            Variant(.se, .stage, ratio: 1, opset: OperatorSet.supported.upperBound, folded: true),
            Variant(.eca, channelKernel: .auto, opset: 23, softmax: true),
        ])
    }

    @Test func everyArchitectureComputesOurLogits() throws {
        try expectAgreement([
            Variant(.aam, architecture: .resnet34), Variant(.aam, architecture: .resnet50),
            Variant(.cbam, architecture: .resnet50, folded: true),
            Variant(.aam, architecture: .resnet101),
        ])
    }

    @Test func namesAreTorchvisionsAndMetadataTellHowToUseTheModel() throws {
        let variant = Variant(.aam)
        let report = try #require(try reports(of: [variant]).first)
        let state = try variant.makeModel().state.map(\.name).filter { !$0.hasSuffix("num_batches_tracked") }
        #expect(Set(report.initializers).subtracting(["axes_1", "axes_2_3"]) == Set(state))
        let names = try JSONDecoder().decode([String].self, from: Data((report.metadata["class-names"] ?? "").utf8))
        #expect(names == Variant.classNames)
        let preprocessing = try JSONDecoder().decode(
            ImagePreparation.self, from: Data((report.metadata["preprocessing"] ?? "").utf8))
        #expect(preprocessing.resize?.shorterSide == 110 && preprocessing.resize?.centerCrop == 96)
        #expect(preprocessing.cropBoxes && preprocessing.mean == [0.485, 0.456, 0.406])
        #expect(preprocessing.std == [0.229, 0.224, 0.225])
        let expected = [
            "model": "resnet18", "attention": "aam", "attention-fusion": "sum", "classes": "5", "step": "12",
            "checkpoint": "runs/cub/best", "aam-version": "1.2.3", "ema": "false", "batch-norm": "kept",
        ]
        for (key, value) in expected { #expect(report.metadata[key] == value) }
    }
}

extension SafetensorsTensor {
    fileprivate init(_ name: String, _ tensor: Tensor) {
        self.init(name: name, shape: tensor.shape.dimensions, float32: tensor.elements)
    }
}
