import ArgumentParser
import Collectives
import Foundation
import MPICollectives
import Reporting
import Training

struct Ablate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ablate",
        abstract: "Train every combination of options with several seeds, and compare.",
        discussion: """
            All other options are those of aam train (see aam train --help), the same for all variants. The output folder \
            gets a run folder a variant, ablation.csv and ablation.md. The same command again skips variants that are \
            finished and goes on with the one that is not.

              aam ablate --attention none,se,aam --seeds 1,2,3 --data CUB_200_2011 --epochs 30 --output runs/ablation
              mpirun -n 8 aam ablate --ranks-per-variant 2 --attention none,aam --data CUB_200_2011 --output runs/ablation
            """)

    @Option(help: "Attention modules to compare.") var attention = VariedValues(["none", "aam"])
    @Option(help: "Losses to compare.") var loss: VariedValues<String>?
    @Option(help: "Seeds to train each combination with.") var seeds = VariedValues<UInt64>([1, 2, 3])
    @Option(help: "The folder of all variants.", completion: .directory) var output: String
    @Option(help: "Ranks that train a variant; groups of so many train side by side. (default: all)")
    var ranksPerVariant: Int?
    @OptionGroup(title: "Watch") var watching: WatchArguments
    @OptionGroup(title: "Output") var showing: OutputArguments
    @Argument(parsing: .allUnrecognized, help: "Options of aam train.") var training: [String] = []

    private var variants: [Variant] {
        Variant.all(
            [("attention", attention.values)] + (loss.map { [("loss", $0.values)] } ?? []), seeds: seeds.values)
    }

    func validate() throws {
        if let ranksPerVariant { try require(ranksPerVariant > 0, "ranks-per-variant", "at least 1", ranksPerVariant) }
        guard Set(variants.map(\.name)).count == variants.count else {
            throw ValidationError("--attention, --loss or --seeds has a value twice.")
        }
        for variant in variants { _ = try options(of: variant) }
    }

    /// What `aam train` would be told of a variant.
    private func options(of variant: Variant) throws -> TrainOptions {
        let arguments = training + variant.arguments + ["--output=\(output)/\(variant.name)"]
        let expanded = try ConfigurationArguments(["train"] + arguments).expanded
        do {
            guard let train = try AAM.parseAsRoot(expanded) as? Train else {
                throw ValidationError("'\(training.joined(separator: " "))' are no options of aam train.")
            }
            return train.options
        } catch {
            throw ValidationError("\(variant.name): \(AAM.message(for: error))")
        }
    }

    func run() throws {
        let variants = variants
        let options = try variants.map(options)
        if let first = options.first { try OpenBLASKernels.chooseFastest(for: first.computing.backend) }
        throw ExitCode(
            runWatchedJob(watching) { communicator, watch in
                let runs = try communicator.agreeing("checking the options") {
                    let ranks = try groupSize(of: communicator)
                    return try zip(variants, options).map {
                        VariantRun(variant: $0, configuration: try $1.configuration(ranks: ranks))
                    }
                }
                try AblationJob(
                    runs: runs, output: output, groupSize: try groupSize(of: communicator), showing: showing,
                    watch: watch
                ).run(on: communicator)
            })
    }

    private func groupSize(of communicator: any Communicator) throws -> Int {
        let size = ranksPerVariant ?? communicator.size
        guard communicator.size % size == 0 else {
            throw JobFailure(
                "\(communicator.size) ranks are no whole number of groups of --ranks-per-variant \(size)",
                hint: "start a multiple of \(size) ranks")
        }
        return size
    }
}
