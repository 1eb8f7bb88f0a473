import Foundation
import Testing

extension Command {
    @Suite struct Trace {
        private struct Event: Decodable {
            let ph: String
            let pid: Int
            let name: String
            let cat: String?
            let ts: Double?
            let dur: Double?
        }

        private struct File: Decodable { let traceEvents: [Event] }

        private let small = [
            "train", "--data=\(Birds.folder)", "--model=resnet18", "--image-size=32", "--batch-size=8", "--epochs=1",
            "--threads=1",
        ]

        @Test(arguments: aloneAndTwoRanks) func showsWhereTheTimeOfEveryRankGoes(ranks: Int?) throws {
            let folder = try TemporaryFolder()
            let path = folder("trace.json")
            let result = try AAM.succeed(
                small + ["--output=\(folder("run"))", "--trace=\(path)", "--trace-steps=2"], ranks: ranks)
            #expect(result.stdout.contains("trace written to \(path)"))
            let events = try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(filePath: path))).traceEvents
            for rank in 0..<(ranks ?? 1) {
                let spans = events.filter { $0.ph == "X" && $0.pid == rank }
                let names = Set(spans.map(\.name))
                var expected: Set = [
                    "step 1", "step 2", "wait for images", "forward", "conv1.weight forward", "bn1 forward",
                    "layer1.0 norm, attention and shortcut forward", "backward",
                    "layer4.1 norm, attention and shortcut backward", "layer2.0.downsample.0.weight input gradient",
                    "conv1.weight filter gradient", "optimizer, bucket 0",
                ]
                if ranks != nil { expected.insert("reduce bucket 0") }
                #expect(names.isSuperset(of: expected), "\(expected.subtracting(names))")
                #expect(!names.contains("step 3") && !names.contains("conv1.weight input gradient"))
                // Layers lie within their step.
                let step = try #require(spans.first { $0.name == "step 2" })
                let layer = try #require(spans.last { $0.name == "conv1.weight filter gradient" })
                let (start, layerStart) = (try #require(step.ts), try #require(layer.ts))
                let (end, layerEnd) = (start + (try #require(step.dur)), layerStart + (try #require(layer.dur)))
                #expect(layerStart > start && layerEnd < end)
            }
        }

        @Test func folderThatDoesNotExistEndsTheRunBeforeItsFirstStep() throws {
            let folder = try TemporaryFolder()
            let result = try AAM.run(small + ["--output=\(folder("run"))", "--trace=\(folder("no/trace.json"))"])
            let banner = try Banner(result, ranks: nil)
            #expect(banner.what.contains("the trace \(folder("no/trace.json")) cannot be written: "))
            #expect(banner.hint == "give --trace a file in a folder that exists and may be written to")
            #expect(!result.stdout.contains("step 1"))
        }
    }
}
