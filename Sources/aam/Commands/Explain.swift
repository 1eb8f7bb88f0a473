import ArgumentParser
import Collectives
import Datasets
import Explaining
import Foundation
import Models
import Reporting
import Tensors
import Training
import Watching

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show what a checkpoint's model looks at in images: attention maps and Grad-CAM.",
        discussion: """
            Writes a folder: overlays of every attention module's map over positions and of Grad-CAM (Selvaraju et al. \
            2017), the channels that each module weighs most, and all pictures on one contact sheet. Images that cannot \
            be read are named, and the exit code is then 1; all others are explained.

              aam explain --checkpoint runs/cub/best --output explained photo.jpg
              aam explain --checkpoint runs/cub/best --output explained --class 2 holiday/
            """)

    enum Layer: String, CaseIterable, ExpressibleByArgument {
        case layer1, layer2, layer3, layer4

        /// From 1.
        var stage: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }
    }

    @OptionGroup var images: ImageArguments
    @Option(help: "The folder to write.", completion: .directory) var output: String
    @OptionGroup(title: "Model") var model: ModelArguments
    @Option(
        name: .customLong("class"),
        help: "The class, by name or number from 0, that Grad-CAM looks for. (default: each image's most probable one)")
    var explained: String?
    @Option(help: "The stage whose output Grad-CAM looks at.") var layer: Layer = .layer4
    @Option(help: "The most weighted channels to list of each module.") var topK = 5
    @Flag(name: .shortAndLong, help: "Say nothing but what could not be read.") var quiet = false
    @OptionGroup(title: "Computing") var computing: ComputingOptions
    @OptionGroup(title: "Watch") var watching: WatchArguments

    func validate() throws {
        try require(topK > 0, "top-k", "at least 1", topK)
    }

    func run() throws {
        try OpenBLASKernels.chooseFastest(for: computing.backend)
        var unreadable = 0
        let code = runWatchedJob(watching) { communicator, watch in
            try communicator.agreeing("starting") {
                guard communicator.size == 1 else {
                    throw JobFailure(
                        "aam explain is one process, not \(communicator.size)", hint: "start it without mpirun")
                }
            }
            unreadable = try communicator.agreeing("explaining images") { try explain(on: communicator, watch) }
        }
        throw ExitCode(code == 0 && unreadable > 0 ? 1 : code)
    }

    /// - Returns: how many inputs could not be read.
    private func explain(on communicator: any Communicator, _ watch: JobWatch) throws -> Int {
        let messages = StandardError(on: communicator, isQuiet: quiet)
        let inputs = try images.read(on: communicator)
        let threads = try communicator.computeThreads(requested: computing.threads)
        let (trained, preprocessing) = try model.load(batchSize: 1, backend: computing.makeBackend(threads: threads))
        trained.model.backend.recorder = watch.recorder
        let (classNames, warnings) = try model.classNames(of: trained)
        for warning in warnings { messages.warningOfJob(warning) }
        let wanted = try explained.map { try number(ofClass: $0, among: classNames) }
        var folder = try ExplanationFolder(
            path: output, title: "\(model.checkpoint), step \(trained.step): \(trained.model.title)",
            classNames: classNames)
        let console = Console(quiet ? .quiet : .normal)
        let reader = try ImageReader()
        let start = ContinuousClock.now
        var unreadable = 0
        var hasMaps = false
        for (index, input) in inputs.enumerated() {
            if let signal = watch.stop {
                try folder.finish()
                throw JobInterruption(signal, host: communicator.host)
            }
            if let problem = input.problem {
                unreadable += 1
                messages.warningOfJob(problem)
                continue
            }
            do {
                let sample = ImageSample(
                    path: input.path, relativePath: input.path, label: ImageSample.unknownLabel, officialID: index + 1)
                var generator = RandomGenerator(0)  // Of which an evaluation's transforms draw nothing.
                let image = preprocessing.transform.apply(
                    to: try reader.image(of: sample), box: nil, using: &generator)
                let explanation = try Explanation(
                    of: trained.model, image, class: wanted, stage: layer.stage, channels: topK)
                guard explanation.probabilities.allSatisfy(\.isFinite) else {
                    throw TrainingError.scoresNotFinite(image: input.path)
                }
                try folder.add(explanation, of: input.path, image)
                hasMaps = hasMaps || explanation.modules.contains { $0.position != nil }
            } catch let error as ImageError {
                unreadable += 1
                messages.warningOfJob("\(error)")
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            console.show(ProgressLine.images(phase: "explain", index + 1, of: inputs.count, seconds))
        }
        console.clear()
        try folder.finish()
        let done = inputs.count - unreadable
        let attention = trained.model.configuration.attention
        if attention == .none {
            messages.note("the model has no attention modules: Grad-CAM only")
        } else if done > 0, !hasMaps {
            messages.note("\(attention.rawValue) attention weighs channels only: it has no maps to show")
        }
        report(done, of: inputs.count, messages)
        return unreadable
    }

    private func report(_ done: Int, of count: Int, _ messages: StandardError) {
        if done > ExplanationFolder.sheetLimit {
            messages.note("the contact sheet has the first \(ExplanationFolder.sheetLimit) images")
        }
        if done < count { messages.warningOfJob("\(count - done) of \(count) could not be read") }
        messages.note("\(done) \(done == 1 ? "image" : "images") explained: \(output)/contact-sheet.png")
    }

    private func number(ofClass text: String, among names: [String]) throws -> Int {
        if let exact = names.firstIndex(of: text) { return exact }
        if let number = Int(text), names.indices.contains(number) { return number }
        let near =
            Suggestion.nearest(to: text, among: names) ?? names.first { $0.lowercased().contains(text.lowercased()) }
        throw JobFailure(
            "the model has no class \(text)",
            hint: (near.map { "did you mean \($0)? " } ?? "")
                + "give --class a name or a number from 0 to \(names.count - 1)")
    }
}
