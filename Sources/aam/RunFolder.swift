import Collectives
import Training

/// The folder of a run, before training writes to it.
struct RunFolder {
    let path: String

    /// Creates the folder.
    ///
    /// - Parameter resume: `--resume`, nil if it was not given.
    /// - Throws: `JobFailure` if the folder has a run that `resume` says nothing of; `FileError` if it cannot be made.
    func prepare(resume: String?) throws {
        let store = CheckpointStore(directory: path)
        if resume == nil, let last = try store.steps().last {
            throw JobFailure(
                "\(path) already has a run, with checkpoints up to step \(last)",
                hint: "give --resume auto to continue it, --resume never to start it anew, or another --output")
        }
        try store.prepareForWriting()
    }
}
