import ArgumentParser
import Collectives
import Training

private let defaults = TrainingConfiguration(data: "", output: "")

/// How gradients are summed over the ranks.
struct CommunicationArguments: ParsableArguments {
    @Option(
        help: "Gradients between nodes: as they are, or rounded to half of the bytes. Inside a node nothing is sent.")
    var wire = defaults.wire
    @Option(help: "Gradients summed over the ranks at a time, in MiB.") var bucketMebibytes = defaults.bucketMebibytes
    @Flag(inversion: .prefixedNo, help: "Sum gradients and move parameters while the backward goes on.")
    var overlap = defaults.overlap

    var options: CommunicationOptions {
        CommunicationOptions(wire: wire, bucketMebibytes: bucketMebibytes, overlap: overlap)
    }

    func apply(to configuration: inout TrainingConfiguration) {
        configuration.wire = wire
        configuration.bucketMebibytes = bucketMebibytes
        configuration.overlap = overlap
    }

    func validate() throws {
        try require(
            (1...1 << 20).contains(bucketMebibytes), "bucket-mebibytes", "from 1 to \(1 << 20)", bucketMebibytes)
    }
}
