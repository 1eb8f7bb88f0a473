/// What is wrong with a checkpoint folder.
public enum CheckpointError: Error, Hashable, CustomStringConvertible {
    /// A file of the checkpoint is missing or not as it was written. `previous` is the checkpoint before it, if any.
    case damaged(file: String, reason: String, previous: String?)
    /// The checkpoint was written by a later version of this program.
    case laterVersion(file: String, found: Int, supported: Int)
    /// The path leads to nothing that could be a checkpoint.
    case notACheckpoint(path: String)
    /// Every checkpoint of the folder is damaged; the reasons, newest first.
    case noneUsable(folder: String, reasons: [String])

    public var description: String {
        switch self {
        case .damaged(let file, let reason, let previous?):
            "\(file) is damaged: \(reason); use the checkpoint before it: \(previous)"
        case .damaged(let file, let reason, nil):
            "\(file) is damaged: \(reason); there is no checkpoint before it: restore the folder from a copy, or start "
                + "anew with --resume never"
        case .laterVersion(let file, let found, let supported):
            "\(file) has format version \(found), but this program knows only versions up to \(supported): "
                + "use the version of the program that wrote it, or a later one"
        case .notACheckpoint(let path):
            "\(path) is neither a checkpoint (a folder with \(CheckpointFile.state)) nor a folder of checkpoints "
                + "(with a link '\(CheckpointStore.latestName)'): name one of these"
        case .noneUsable(let folder, let reasons):
            "no checkpoint in \(folder) can be used: \(reasons.joined(separator: " | ")). Restore one from a copy, or "
                + "start anew with --resume never"
        }
    }
}
