import Foundation
import TestSupport
import Testing

/// The Python that $AAM_PYTHON names, or python3.
private let python = ProcessInfo.processInfo.environment["AAM_PYTHON"] ?? "python3"

private func canImport(_ modules: String) -> Bool {
    let result = try? runCommand("/usr/bin/env", arguments: [python, "-c", "import \(modules)"])
    return result?.status == 0
}

private let canClassify = canImport("torch, numpy, PIL, safetensors")
private let canRunONNX = canClassify && canImport("onnxruntime")

extension Command {
    @Suite struct Export {
        /// The command's checkpoint, evaluated: its predictions and the images' paths.
        private func evaluated(_ folder: TemporaryFolder) throws -> [(image: String, row: Predictions.Row)] {
            let path = folder("predictions.csv")
            try AAM.succeed(AAM.evaluation(of: Birds.run, ["--predictions=\(path)"]))
            let rows = try Predictions(path, ranks: Birds.classCount).rows
            #expect(rows.count == Birds.testCount)
            return rows.map { ("\(Birds.folder)/images/\($0.path)", $0) }
        }

        private func runPython(_ arguments: [String]) throws -> String {
            let result = try runCommand("/usr/bin/env", arguments: [python] + arguments, timeout: 120)
            try #require(result.status == 0, "\(result.stderr)")
            return result.stdout
        }

        /// `AAM.evaluation` shows the images to the model, here Pillow does: from file to probabilities everything is
        /// compared. Six decimals are written there, two of the percentage here.
        @Test(
            .enabled(if: canClassify, "set AAM_PYTHON to a Python with torch, numpy, pillow and safetensors"),
            arguments: [[], ["--fold-batch-norm"]])
        func loadingScriptClassifiesAsEvaluationDoes(options: [String]) throws {
            let folder = try TemporaryFolder()
            let weights = folder("birds.safetensors")
            let output = try AAM.succeed(
                ["export", "--checkpoint=\(Birds.run)", "--output=\(weights)"] + options
            ).stdout
            #expect(output.contains(", step 8: resnet18 with aam attention, "))
            #expect(output.contains("\n\(weights): safetensors, 44."))
            let script = folder("load_birds.py")
            #expect(output.hasSuffix("\(script): loads it in PyTorch and classifies images\n"))

            let expected = try evaluated(folder)
            let printed = try runPython([script, "--top", "4"] + expected.map(\.image)).split(separator: "\n")
            try #require(printed.count == 5 * expected.count)
            for (index, (image, row)) in expected.enumerated() {
                let lines = printed[5 * index..<5 * index + 5].map(String.init)
                #expect(lines[0] == image)
                for (line, (name, probability)) in zip(lines.dropFirst(), row.ranking) {
                    let fields = line.split(separator: " ")
                    #expect(fields[2...].joined(separator: " ") == name, "\(lines) \(row)")
                    let percent = try #require(Double(fields[0]))
                    #expect(abs(percent - 100 * probability) <= 0.006, "\(lines) \(row)")
                }
            }
        }

        @Test(.enabled(if: canRunONNX, "set AAM_PYTHON to a Python with torch, pillow, safetensors and onnxruntime"))
        func runtimeClassifiesAsEvaluationDoes() throws {
            let folder = try TemporaryFolder()
            let export = ["export", "--checkpoint=\(Birds.run)/latest"]
            let output = try AAM.succeed(export + ["--softmax", "--output=\(folder("birds.onnx"))"]).stdout
            #expect(output.contains("\n\(folder("birds.onnx")): ONNX, opset 17, 44.8 MB\n"))
            try AAM.succeed(export + ["--output=\(folder("birds.safetensors"))"])
            let program = """
                import json, sys
                sys.path.insert(0, sys.argv[1])
                import onnxruntime
                from PIL import Image
                from load_birds import preprocess
                session = onnxruntime.InferenceSession(f"{sys.argv[1]}/birds.onnx", providers=["CPUExecutionProvider"])
                about = session.get_modelmeta().custom_metadata_map
                names = json.loads(about["class-names"])
                for path in sys.argv[2:]:
                    images = preprocess(Image.open(path), about).numpy()
                    probabilities, = session.run(["probabilities"], {"images": images})
                    print(json.dumps(dict(zip(names, probabilities[0].tolist()))))
                """
            let expected = try evaluated(folder)
            let printed = try runPython(["-c", program, folder.path] + expected.map(\.image)).split(separator: "\n")
            try #require(printed.count == expected.count)
            for (line, (_, row)) in zip(printed, expected) {
                let probabilities = try JSONDecoder().decode([String: Double].self, from: Data(line.utf8))
                for (name, probability) in row.ranking {
                    // Winograd's convolutions round more than those of the runtime.
                    #expect(abs(try #require(probabilities[name]) - probability) <= 2e-5, "\(line) \(row)")
                }
            }
        }

        @Test(arguments: [
            (["--output=birds.pth"], "'birds.pth' ends neither in .onnx nor in .safetensors: give --format."),
            (["--output=birds.onnx", "--opset=16"], "--opset is 17 to 25, not 16."),
            (["--output=birds.safetensors", "--softmax"], "--softmax and --opset go with --format onnx."),
            (["--output=birds.onnx", "--ema"], " has no moving average of the weights"),
            (["--output=missing/birds.onnx"], "No such file or directory"),
        ])
        func wrongOptionsAreRefused(options: [String], message: String) throws {
            let result = try AAM.run(["export", "--checkpoint=\(Birds.run)"] + options)
            #expect(result.status != 0)
            #expect(result.stderr.contains(message), "\(result.stderr)")
            #expect(!FileManager.default.fileExists(atPath: "birds.onnx"))
        }
    }
}
