import Foundation
import Safetensors

/// Which checkpoint a run starts from.
public enum ResumeChoice: Hashable, Sendable {
    /// The newest usable one of the run's own directory, or none if there is none.
    case auto
    /// The one there: a checkpoint's folder, a link to one, or a folder of checkpoints, of which the latest.
    case path(String)
    /// None: the run starts anew.
    case never

    /// `auto`, `never`, or else a path.
    public init(_ text: String) {
        switch text {
        case "auto": self = .auto
        case "never": self = .never
        default: self = .path(text)
        }
    }
}

/// The checkpoint to start from, and what the user should know about the choice.
public struct ResumePoint: Sendable {
    /// The checkpoint's folder.
    public let path: String
    /// Read and verified.
    public let checkpoint: Checkpoint
    /// Sentences about newer checkpoints that had to be passed over.
    public let warnings: [String]
}

extension CheckpointStore {
    /// Finds, reads and verifies the checkpoint to start from.
    ///
    /// - Returns: nil for `.never`, and for `.auto` in a directory without checkpoints.
    /// - Throws: `CheckpointError` when the chosen checkpoint is damaged, for `.auto` only when all are; `FileError`
    ///   when the system refuses to read it.
    public func resolve(_ choice: ResumeChoice) throws -> ResumePoint? {
        switch choice {
        case .never:
            return nil
        case .path(let path):
            let folder = try Self.checkpointFolder(at: path)
            return ResumePoint(path: folder, checkpoint: try Checkpoint.load(folder), warnings: [])
        case .auto:
            return try newestUsable()
        }
    }

    private static func checkpointFolder(at path: String) throws -> String {
        let latest = "\(path)/\(latestName)"
        // Damaged checkpoints are accepted here by their name, so that the error is about what is damaged in them.
        let target = URL(filePath: path).resolvingSymlinksInPath().lastPathComponent
        if FileManager.default.fileExists(atPath: "\(path)/\(CheckpointFile.state)") { return path }
        if FileManager.default.fileExists(atPath: latest) { return latest }
        if step(ofName: target) != nil, FileManager.default.fileExists(atPath: path) { return path }
        throw CheckpointError.notACheckpoint(path: path)
    }

    private func newestUsable() throws -> ResumePoint? {
        let all = try steps()
        // Steps beyond `latest` are of a future that was given up when the run went back to an earlier checkpoint.
        let latest = try latestStep() ?? all.last
        let candidates = all.reversed().filter { step in latest.map { step <= $0 } ?? true }
        var failures: [CheckpointError] = []
        for step in candidates {
            do {
                let checkpoint = try Checkpoint.load(path(ofStep: step))
                let warnings = failures.map { "\($0)" }
                return ResumePoint(path: path(ofStep: step), checkpoint: checkpoint, warnings: warnings)
            } catch let error as CheckpointError {
                // Going back silently from a later version's checkpoint would overwrite it.
                if case .laterVersion = error { throw error }
                failures.append(error)
            }
        }
        if failures.isEmpty { return nil }
        throw CheckpointError.noneUsable(folder: directory, reasons: failures.map(\.summary))
    }
}

extension CheckpointError {
    /// Without the advice, where the advice would be about a checkpoint that is damaged too.
    fileprivate var summary: String {
        if case .damaged(let file, let reason, _) = self { return "\(file): \(reason)" }
        return description
    }
}
