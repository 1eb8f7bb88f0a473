import Foundation
import TestSupport
import Testing

extension Command {
    @Suite struct Explain {
        private func explanation(_ options: [String], checkpoint: String = Birds.run) -> [String] {
            ["explain", "--checkpoint=\(checkpoint)", "--threads=1"] + options
        }

        private var images: [String] {
            get throws { try Birds.images(isTraining: false).prefix(2).map { "\(Birds.folder)/images/\($0.path)" } }
        }

        /// Width and height in a PNG's first chunk.
        private func size(ofPNG path: String) throws -> [Int] {
            let start = Array(try bytes(of: path).prefix(24))
            try #require(start.starts(with: [0x89, 0x50, 0x4E, 0x47]) && start.count == 24, "\(path)")
            return [16, 20].map { at in start[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        }

        private struct Entry: Decodable {
            struct Class: Decodable {
                let index: Int
                let name: String
                let probability: Double
            }
            struct Module: Decodable {
                struct Channel: Decodable { let channel: Int, weight: Double }
                let name: String
                let minimum, maximum: Double?
                let overlay: String?
                let channels: [Channel]
            }
            let image, input, gradcam: String
            let classes: [Class]
            let explained: Class
            let modules: [Module]
        }

        private func entries(_ folder: String) throws -> [Entry] {
            try JSONDecoder().decode([Entry].self, from: bytes(of: "\(folder)/explanations.json"))
        }

        @Test func everyModuleOfEveryImageIsShown() throws {
            let folder = try TemporaryFolder()
            let output = folder("explained")
            let result = try AAM.run(explanation(["--output=\(output)", "--top-k=3"] + images))
            #expect(result.status == 0)
            #expect(result.stderr == "2 images explained: \(output)/contact-sheet.png\n")
            let entries = try entries(output)
            #expect(entries.map(\.image) == (try images))
            let names = (1...4).flatMap { stage in (0...1).map { "layer\(stage).\($0).attention" } }
            for entry in entries {
                #expect(entry.modules.map(\.name) == names)
                #expect(entry.explained.index == entry.classes[0].index)
                for file in [entry.input, entry.gradcam] + entry.modules.compactMap(\.overlay) {
                    #expect(try size(ofPNG: "\(output)/\(file)") == [32, 32], "\(file)")
                }
                for module in entry.modules {
                    let (least, most) = try (#require(module.minimum), #require(module.maximum))
                    #expect(0 < least && least <= most && most < 1)
                    #expect(module.channels.count == 3)
                    #expect(module.channels.map(\.weight) == module.channels.map(\.weight).sorted(by: >))
                }
            }
            let rows = try text(of: "\(output)/channels.csv").split(separator: "\n")
            #expect(rows.first == "image,module,rank,channel,weight")
            #expect(rows.count == 1 + 2 * 8 * 3)
            // The image, Grad-CAM and eight modules side by side.
            let sheet = try size(ofPNG: "\(output)/contact-sheet.png")
            #expect(sheet[0] == 10 * 160 - 8 + 32)
        }

        @Test func anotherClassOrLayerIsAnotherGradCAM() throws {
            let folder = try TemporaryFolder()
            let image = try images[0]
            var pictures: Set<Data> = []
            for (name, options) in [
                ("0", ["--class=0"]), ("1", ["--class=1"]), ("2", ["--class=0", "--layer=layer2"]),
            ] {
                try AAM.succeed(
                    explanation(["--quiet", "--output=\(folder(name))", image] + options))
                let entry = try entries(folder(name))[0]
                #expect(entry.explained.index == (name == "1" ? 1 : 0))
                pictures.insert(try bytes(of: "\(folder(name))/\(entry.gradcam)"))
            }
            #expect(pictures.count == 3)
            let classes = try Birds.rows("classes.txt").map(\.value)
            try AAM.succeed(
                explanation(["--quiet", "--output=\(folder("named"))", image, "--class=\(classes[1])"]))
            let named = try entries(folder("named"))[0]
            #expect(named.explained.index == 1 && named.explained.name == classes[1])
        }

        @Test(arguments: [
            ("none", 0, false, "the model has no attention modules: Grad-CAM only"),
            ("se", 4, false, "se attention weighs channels only: it has no maps to show"),
            ("cbam", 4, true, ""),
        ])
        func anyAttentionIsExplained(attention: String, modules: Int, hasMaps: Bool, note: String) throws {
            let folder = try TemporaryFolder()
            try AAM.succeed(
                AAM.training(
                    into: folder("run"), ["--epochs=1", "--attention=\(attention)", "--attention-placement=stage"]))
            let result = try AAM.run(
                explanation(["--output=\(folder("out"))", try images[0]], checkpoint: folder("run")))
            #expect(result.status == 0)
            #expect(note.isEmpty || result.stderr.contains(note))
            let entry = try entries(folder("out"))[0]
            #expect(entry.modules.count == modules)
            #expect(entry.modules.allSatisfy { ($0.overlay != nil) == hasMaps && $0.channels.count == 5 })
            #expect(try size(ofPNG: "\(folder("out"))/\(entry.gradcam)") == [32, 32])
        }

        @Test func severalRanksAreRefused() throws {
            try AAM.expectFailure(
                explanation(["--output=/nowhere", try images[0]]), ranks: 2,
                Banner(
                    what: "aam explain is one process, not 2", place: "while starting", hint: "start it without mpirun")
            )
        }

        @Test func unreadableImagesAreReportedAndTheRestGoesOn() throws {
            let folder = try TemporaryFolder()
            let result = try AAM.run(
                explanation(["--output=\(folder("out"))", folder("missing.jpg"), try images[0]]))
            #expect(result.status == 1)
            #expect(result.stderr.contains("warning: \(folder("missing.jpg")): cannot read the image: No such file"))
            #expect(try entries(folder("out")).map(\.image) == [try images[0]])
        }

        @Test func aClassThatIsMistypedIsAskedBack() throws {
            let folder = try TemporaryFolder()
            let right = try Birds.rows("classes.txt")[2].value
            let wrong = String(right.dropLast())
            let result = try AAM.run(
                explanation(["--output=\(folder("out"))", "--class=\(wrong)", try images[0]]))
            #expect(result.status == 1)
            #expect(result.stderr.contains("the model has no class \(wrong)"))
            #expect(result.stderr.contains("did you mean \(right)? give --class a name or a number from 0 to 3"))
        }
    }
}
