import Foundation
import Safetensors

extension CheckpointStore {
    /// What marks a folder that is being written or removed, after the checkpoint's name and a leading dot.
    private static let partialMark = ".partial-"

    /// Creates the directory where needed, and removes what interrupted writes and removals left in it.
    ///
    /// For the one process that writes, before it writes.
    public func prepareForWriting() throws {
        try Folder.create(directory)
        for name in try names() where name.hasPrefix(".") && name.contains(Self.partialMark) {
            try Folder.remove("\(directory)/\(name)")
        }
    }

    /// Writes a checkpoint, points `latest` to it, `best` too if it is the best one, and removes checkpoints
    /// beyond those that are kept: the last `keptCount` up to this step, and the best one. One that is already there
    /// for this step is replaced, the only case in which an interruption can cost a checkpoint: that one. Checkpoints of
    /// later steps, from a run that went on from further ahead, are left.
    ///
    /// When it returns, the checkpoint is on the disk. When it throws, the checkpoints that were there are still there.
    ///
    /// - Returns: the checkpoint's folder.
    /// - Throws: `FileError`.
    @discardableResult
    public func save(_ checkpoint: Checkpoint, isBest: Bool = false) throws -> String {
        try Folder.create(directory)
        let step = checkpoint.state.step
        let partial = partialPath(for: "\(Self.prefix)\(step)")
        do {
            try systemCall("create folder", partial) { mkdir(partial, 0o777) }
            try write(checkpoint, to: partial)
            try publish(partial, step: step)
        } catch {
            try? Folder.remove(partial)
            throw error
        }
        try link(Self.latestName, toStep: step)
        if isBest { try link(Self.bestName, toStep: step) }
        try FileDescriptor.synchronizeFolder(directory)
        try removeSurplus(savedStep: step)
        return path(ofStep: step)
    }

    private func write(_ checkpoint: Checkpoint, to folder: String) throws {
        var records: [String: CheckpointManifest.FileRecord] = [:]
        let files = [
            (CheckpointFile.model, checkpoint.model), (CheckpointFile.optimizer, checkpoint.optimizer),
        ]
        for (name, file) in files + (checkpoint.average.map { [(CheckpointFile.average, $0)] } ?? []) {
            let path = "\(folder)/\(name)"
            try file.write(path, synchronize: true)
            records[name] = try CheckpointManifest.FileRecord(ofFile: path)
        }
        let manifest = CheckpointManifest(state: checkpoint.state, files: records)
        let file = try FileDescriptor(creating: "\(folder)/\(CheckpointFile.state)")
        try file.write(try manifest.encoded())
        try file.synchronize()
        try FileDescriptor.synchronizeFolder(folder)
    }

    /// Gives a complete folder its final name.
    private func publish(_ partial: String, step: Int) throws {
        let final = path(ofStep: step)
        // A folder that is not empty cannot be renamed over, so one of the same step steps aside first.
        let replaced = partialPath(for: "\(Self.prefix)\(step)")
        let replaces = try steps().contains(step)
        if replaces { try systemCall("rename", final) { rename(final, replaced) } }
        do {
            try systemCall("rename", partial) { rename(partial, final) }
        } catch {
            if replaces { rename(replaced, final) }
            throw error
        }
        try FileDescriptor.synchronizeFolder(directory)
        if replaces { try Folder.remove(replaced) }
    }

    /// Replaces a link atomically. Its target is relative, so that the directory can be moved.
    private func link(_ name: String, toStep step: Int) throws(FileError) {
        let temporary = partialPath(for: name)
        try systemCall("create link", temporary) { symlink("\(Self.prefix)\(step)", temporary) }
        do throws(FileError) {
            try systemCall("replace link", "\(directory)/\(name)") { rename(temporary, "\(directory)/\(name)") }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func removeSurplus(savedStep: Int) throws {
        let best = try bestStep()
        for step in try steps().filter({ $0 <= savedStep }).dropLast(keptCount) where step != best {
            // Renamed first: an interrupted removal must not leave half a checkpoint under a checkpoint's name.
            let path = path(ofStep: step)
            let doomed = partialPath(for: "\(Self.prefix)\(step)")
            try systemCall("rename", path) { rename(path, doomed) }
            try Folder.remove(doomed)
        }
    }

    private func partialPath(for name: String) -> String {
        "\(directory)/.\(name)\(Self.partialMark)\(UUID().uuidString)"
    }
}
