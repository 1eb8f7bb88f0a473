import Collectives
import Foundation
import Training

/// The folder of a run, before training writes to it.
struct RunFolder {
    let path: String

    /// Creates the folder and writes `config.toml`.
    ///
    /// - Parameter resume: `--resume`, nil if it was not given.
    /// - Throws: `JobFailure` if the folder has a run that `resume` says nothing of, or cannot be written.
    func prepare(_ configuration: TrainingConfiguration, resume: String?) throws {
        let steps = try CheckpointStore(directory: path).steps()
        if resume == nil, let last = steps.last {
            throw JobFailure(
                "\(path) already has a run, with checkpoints up to step \(last)",
                hint: "give --resume auto to continue it, --resume never to start it anew, or another --output")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data(configuration.toml.utf8).write(to: URL(filePath: "\(path)/config.toml"), options: .atomic)
        } catch {
            throw JobFailure(
                "cannot write the run folder \(path): \(error.localizedDescription)",
                hint: "check --output, its permissions and the space on its disk")
        }
    }
}
