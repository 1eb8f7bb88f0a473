import ArgumentParser
import Datasets
import Foundation
import Planning
import Reporting
import Training

private let defaults = TrainingConfiguration(data: "", output: "")

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Predict what training takes on more nodes, from measured steps and a description of the network.",
        discussion: """
            The step is measured on nodes like those to come, as many ranks on each; then all buckets are taken through the network
            one after the other, as training does. Validation, checkpoints and --sync-batchnorm are not in it.

              aam benchmark step --model resnet50 --profile step.json
              aam plan --profile step.json --bandwidth 10gbit --dataset cub --epochs 90
              aam plan --profile step.json --network ethernet.toml --nodes 16 --timeline
            """)

    @Option(help: "What aam benchmark step --profile has written.") var profile: String?
    @Option(help: "Instead of a profile: what aam train --trace has written.") var trace: String?
    @OptionGroup(title: "Network") var network: NetworkArguments
    @OptionGroup(title: "Communication") var communication: CommunicationArguments
    @Option(help: "Numbers of nodes.") var nodes = ListOfNodes.standard
    @Option(help: "Images a step on each rank. (default: as profiled)") var batchSizePerRank: Int?
    @Option(help: "Images a step over all ranks, the same for any number of nodes.") var batchSize: Int?
    @Option(help: "Training images of an epoch.") var images: Int?
    @Option(help: "Those of the complete data set.") var dataset: DatasetFormat?
    @Option(help: "Passes over the training images.") var epochs = defaults.epochs
    @Flag(help: "Show when each bucket of a step is summed; with a single number of --nodes.") var timeline = false
    @Option(help: "Write the plan as JSON.") var json: String?
    @Option(help: "Write what a node sends when, for Benchmarks/simgrid; with a single number of --nodes.")
    var schedule: String?

    func validate() throws {
        if (profile == nil) == (trace == nil) {
            throw ValidationError("What does a step take? Give either --profile or --trace.")
        }
        if batchSize != nil, batchSizePerRank != nil {
            throw ValidationError("--batch-size and --batch-size-per-rank say the same in two ways: give one of them.")
        }
        if images != nil, dataset != nil {
            throw ValidationError("--images and --dataset say the same in two ways: give one of them.")
        }
        for (option, value) in [
            ("batch-size", batchSize), ("batch-size-per-rank", batchSizePerRank), ("images", images),
            ("epochs", epochs),
        ] {
            if let value { try require(value > 0, option, "at least 1", value) }
        }
        if dataset == .folder {
            throw ValidationError("--dataset folder has no official number of images: give --images.")
        }
        if timeline || schedule != nil, nodes.counts.count != 1 {
            throw ValidationError("\(timeline ? "--timeline" : "--schedule") wants a single number of --nodes.")
        }
    }

    func run() throws {
        let profile = try readProfile()
        let network = try network.description()
        let options = communication.options
        let scheme = BucketScheme(
            bucketMebibytes: options.bucketMebibytes, wire: options.wire, overlap: options.overlap)
        let plan = ScalingPlan(
            profile, network, scheme, nodes: nodes.counts,
            batch: batchSize.map { .global($0) } ?? .perRank(batchSizePerRank), images: trainingImages)
        guard let last = plan.rows.last else {
            throw ValidationError(
                "A step of \(batchSize ?? 0) images has none for some of \(plan.impossible[0] * profile.ranksPerNode) ranks."
            )
        }
        if let json { try replaceJSON(json, with: plan) }
        for line in plan.lines(epochs: epochs) { printLine(line) }
        let images = (last.batchSize + last.ranks - 1) / last.ranks
        if timeline {
            printLine("")
            let steps = StepModel(profile, network, scheme).timeline(nodes: last.nodes, images: images)
            for line in steps.lines() { printLine(line) }
        }
        if let schedule {
            let replay = ReplaySchedule(profile, network, scheme, nodes: last.nodes, images: images)
            try replaceText(schedule, with: replay.text)
        }
        guard last.ranks > 1 else { return }
        printLine("shortest steps on \(last.nodes) nodes:")
        for best in ScalingPlan.best(profile, network, nodes: last.nodes, images: images) {
            printLine("  \(best.description)")
        }
    }

    /// - Throws: `PlanError`, `ReportError`.
    private func readProfile() throws -> StepProfile {
        if let profile { return try StepProfile(json: readText(profile), path: profile) }
        let path = trace ?? ""
        return try StepProfile(trace: readText(path), path: path)
    }

    private var trainingImages: Int? {
        let official = dataset?.officialCounts()?.images
        return images ?? official?[.trainval] ?? official?[.train]
    }
}
