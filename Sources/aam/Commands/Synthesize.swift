import ArgumentParser
import Datasets
import Foundation
import Reporting

struct Synthesize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesize",
        abstract:
            "Write a small procedural data set whose classes differ in small details, in the layout of a real one.",
        discussion: """
            The same options write the same images.

              aam synthesize --output birds
              aam synthesize --layout aircraft --output planes --classes 20 --train-images 100 --image-size 320
            """)

    @Option(help: "The folder to write; it must be empty or absent.", completion: .directory) var output: String
    @Option(help: "Whose layout.") var layout: DatasetFormat = .cub
    @Option(help: "Classes, at most \(SyntheticDataset.maximumClasses).") var classes = 10
    @Option(help: "Training images a class.") var trainImages = 40
    @Option(help: "Test images a class.") var testImages = 20
    @Option(help: "Mean side of the images in pixels.") var imageSize = 208
    @Option(help: "Of everything that is drawn.") var seed: UInt64 = 0

    func validate() throws {
        let most = SyntheticDataset.maximumClasses
        try require(classes >= 1 && classes <= most, "classes", "1 to \(most)", classes)
        try require(trainImages > 0, "train-images", "at least 1", trainImages)
        try require(testImages >= 0, "test-images", "at least 0", testImages)
        try requireImageSize(imageSize)
    }

    func run() throws {
        let dataset = SyntheticDataset(
            classes: classes, trainImagesPerClass: trainImages, testImagesPerClass: testImages, imageSize: imageSize,
            seed: seed)
        let (console, start) = (Console(), ContinuousClock.now)
        try dataset.write(to: output, layout: layout) { done, total in
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            console.show(ProgressLine.images(phase: "paint", done, of: total, seconds))
        }
        console.clear()
        printLine(
            "\(output): \(classes) classes, \(classes * trainImages) training and \(classes * testImages) test images")
    }
}
