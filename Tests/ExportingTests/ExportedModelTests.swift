import Exporting
import Foundation
import Models
import TestSupport
import Testing

@Suite struct ExportedModelTests {
    @Test func weightsThatAreNotNumbersAreNotExported() throws {
        let variant = Variant(.aam)
        let model = try variant.makeModel()
        let weight = try #require(model.parameters.first { $0.name == "layer2.0.attention.spatial.weight" })
        weight.elements[3] = .infinity
        #expect(throws: ExportError.notFinite(tensor: weight.name, value: .infinity)) { try variant.export(model) }
    }

    @Test func foldedWeightsHaveBiasesAndNoBatchNorms() throws {
        let variant = Variant(.none, folded: true)
        let exported = try variant.export(variant.makeModel())
        let names = exported.tensors.map(\.name)
        #expect(names.prefix(4) == ["conv1.weight", "conv1.bias", "layer1.0.conv1.weight", "layer1.0.conv1.bias"])
        #expect(names.suffix(2) == ["fc.weight", "fc.bias"])
        #expect(names.count == 42)
        #expect(exported.metadata["batch-norm"] == "folded")
    }

    @Test func operatorsOfOtherVersionsAreNotWritten() {
        #expect(OperatorSet(16) == nil && OperatorSet(17)?.version == 17)
        #expect(OperatorSet(OperatorSet.supported.upperBound + 1) == nil)
    }

    @Test func scriptLoadsItsOwnWeightsAndHidesNoModule() throws {
        let script = LoadingScript(weights: "bird \"ä\".safetensors").text
        #expect(script.contains(#"with_name("bird \"\U000000e4\".safetensors")"#))
        #expect(script.contains("class AggregateAttention(nn.Module):"))
        #expect(!script.contains("from aam_resnet import"))
        #expect(LoadingScript.name(forWeights: "torch.safetensors") == "load_torch.py")
    }

    @Test func filesReplaceOthersOrLeaveThemAsTheyWere() throws {
        let folder = try TemporaryFolder()
        let variant = Variant(.se, folded: true)
        let model = try variant.export(variant.makeModel())
        let path = folder("birds.safetensors")
        try Data("old".utf8).write(to: URL(filePath: path))
        #expect(try model.writeSafetensors(path) == folder("load_birds.py"))
        #expect(try folder.names() == ["birds.safetensors", "load_birds.py"])
        #expect(try Data(contentsOf: URL(filePath: path)).count > 40_000_000)
        #expect(throws: (any Error).self) {
            try model.writeONNX(folder("none/birds.onnx"), .oldest, softmax: false)
        }
        #expect(try folder.names() == ["birds.safetensors", "load_birds.py"])
    }
}
