import Foundation
import TestSupport
import Testing

extension Command {
    @Suite struct Datasets {
        static let layouts = ["cub", "aircraft", "cars", "dogs", "folder"]
        static let names = [
            "cub": "CUB-200-2011", "aircraft": "FGVC-Aircraft", "cars": "Stanford Cars", "dogs": "Stanford Dogs",
            "folder": "data",
        ]

        private func synthesize(_ layout: String, in folder: TemporaryFolder) throws -> String {
            let data = folder("data")
            try AAM.succeed([
                "synthesize", "--layout=\(layout)", "--output=\(data)", "--classes=3", "--train-images=4",
                "--test-images=2", "--image-size=48",
            ])
            return data
        }

        @Test(arguments: layouts) func everyLayoutIsInspectedTrainedAndEvaluated(layout: String) throws {
            let folder = try TemporaryFolder()
            let data = try synthesize(layout, in: folder)
            let name = try #require(Self.names[layout])

            let inspected = try AAM.succeed([
                "inspect", "--dataset=\(layout)", "--data=\(data)", "--json=\(folder("data.json"))",
            ]).stdout
            #expect(inspected.hasPrefix("\(name): 3 classes, 18 images\n"), "\(inspected)")
            #expect(inspected.hasSuffix("all images are readable\n"))
            let json = try JSONSerialization.jsonObject(with: bytes(of: folder("data.json"))) as? [String: Any]
            #expect(json?["images"] as? Int == 18 && (json?["classes"] as? [String])?.count == 3)

            let boxes = layout == "folder" ? [] : ["--crop-boxes"]
            let trained = try AAM.succeed(
                AAM.training(
                    on: data, into: folder("run"), ["--dataset=\(layout)", "--epochs=1", "--batch-size=4"] + boxes),
                ranks: 2
            ).stdout
            #expect(trained.hasPrefix("\(name): 12 training and 6 test images, 3 classes\n"), "\(trained)")
            #expect(try Metrics(folder("run")).steps.count == 3)
            let evaluated = try AAM.succeed(
                AAM.evaluation(of: folder("run"), on: data, ["--dataset=\(layout)", "--eval=native"])
            ).stdout
            #expect(
                evaluated.contains("\n\(name), test: top-1 ") && evaluated.contains("  6 images in "), "\(evaluated)")
        }

        @Test func levelAndValidationSplitOfAircraftAreKept() throws {
            let folder = try TemporaryFolder()
            let data = try synthesize("aircraft", in: folder)
            let output = try AAM.succeed(
                AAM.training(
                    on: data, into: folder("run"),
                    [
                        "--dataset=aircraft", "--level=manufacturer", "--validation-split=val", "--epochs=1",
                        "--batch-size=4",
                    ])
            ).stdout
            let classes = try text(of: "\(data)/manufacturers.txt").split(separator: "\n").count
            #expect(output.hasPrefix("FGVC-Aircraft: 6 training and 6 val images, \(classes) classes\n"), "\(output)")
            let configuration = try configuration(of: folder("run"))
            #expect(configuration["level"] == "\"manufacturer\"" && configuration["validation-split"] == "\"val\"")
            for (split, count) in [("train", 6), ("val", 6), ("trainval", 12), ("test", 6)] {
                let evaluated = try AAM.succeed(
                    AAM.evaluation(
                        of: folder("run"), on: data, ["--dataset=aircraft", "--level=manufacturer", "--split=\(split)"])
                ).stdout
                #expect(
                    evaluated.contains("FGVC-Aircraft, \(split): top-1 ") && evaluated.contains("  \(count) images"))
            }
        }

        @Test func testImagesWithoutLabelsAreClassifiedButNotScored() throws {
            let folder = try TemporaryFolder()
            let data = try synthesize("cars", in: folder)
            let labels = "\(data)/devkit/cars_test_annos_withlabels.mat"
            let options = ["--dataset=cars", "--epochs=1", "--batch-size=4"]
            try AAM.succeed(AAM.training(on: data, into: folder("run"), options))
            try FileManager.default.removeItem(atPath: labels)
            let message =
                "Stanford Cars: the 6 images of the test split have no labels, as there is no \(labels); add it, choose "
                + "another split, or only predict (aam evaluate --predictions)"
            let banner = Banner(what: message, place: "while reading the data set")
            try AAM.expectFailure(
                AAM.evaluation(of: folder("run"), on: data, ["--dataset=cars"]), ranks: nil, banner)
            try AAM.expectFailure(AAM.training(on: data, into: folder("other"), options), ranks: nil, banner)
            try AAM.succeed(AAM.evaluation(of: folder("run"), on: data, ["--dataset=cars", "--split=train"]))

            let predictions = folder("predictions.csv")
            let predicted = try AAM.succeed(
                AAM.evaluation(of: folder("run"), on: data, ["--dataset=cars", "--predictions=\(predictions)"]),
                ranks: 2
            ).stdout
            #expect(
                predicted.contains(
                    "\nStanford Cars, test: 6 images classified; their labels are not known, as there is no \(labels)\n"
                ))
            let rows = try text(of: predictions).split(separator: "\n").dropFirst()
            #expect(rows.count == 6 && rows.allSatisfy { $0.hasPrefix("cars_test/") && $0.contains(".jpg,,") })
        }

        @Test func inspectionFailsOnDamageAndNamesIt() throws {
            let folder = try TemporaryFolder()
            let data = try Birds.copy(into: folder)
            let images = try Birds.images(isTraining: true, of: data).map { "\(data)/images/\($0.path)" }
            try FileManager.default.removeItem(atPath: images[0])
            try Data("<html>".utf8).write(to: URL(filePath: images[1]))
            try FileManager.default.removeItem(atPath: images[2])
            try FileManager.default.copyItem(atPath: images[3], toPath: images[2])
            let result = try AAM.run(["inspect", "--data=\(data)", "--crop-boxes"])
            #expect(result.status == 1 && result.stderr == "")
            for line in [
                "  train: \(Birds.trainCount) images, 8 to 8 a class",
                "  test: \(Birds.testCount) images, 5 to 5 a class",
                "missing: 1", "  \(images[0])", "unreadable: 1",
                "  \(images[1]): neither JPEG nor PNG: it looks like a web page (HTML); convert it to JPEG or PNG or fetch "
                    + "it again",
                "images in several places: 1", "  \(images[2]) = \(images[3])",
                "warning: this is not the official CUB-200-2011: 4 classes instead of 200, 32 train images instead of "
                    + "5,994, 20 test images instead of 5,794",
            ] {
                #expect(result.stdout.split(separator: "\n").contains(Substring(line)), "\(line)\n\(result.stdout)")
            }
        }
    }
}
