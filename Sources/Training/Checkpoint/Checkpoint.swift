import Foundation
import Safetensors

/// A moment of a training run, complete enough to go on from it.
public struct Checkpoint: Sendable {
    /// Where the run stands.
    public var state: TrainingState
    /// Parameters and running statistics by their torchvision names; the metadata describes the architecture.
    public var model: SafetensorsFile
    /// The optimizer's tensors, such as momenta.
    public var optimizer: SafetensorsFile
    /// The moving average of the model's file, where the run keeps one.
    public var average: SafetensorsFile?

    /// The parts of a checkpoint, to be written.
    public init(
        state: TrainingState, model: SafetensorsFile, optimizer: SafetensorsFile, average: SafetensorsFile? = nil
    ) {
        self.state = state
        self.model = model
        self.optimizer = optimizer
        self.average = average
    }
}

/// The names of the files in a checkpoint's folder.
public enum CheckpointFile {
    /// The model's tensors.
    public static let model = "model.safetensors"
    /// The optimizer's tensors, and each rank's own statistics.
    public static let optimizer = "optimizer.safetensors"
    /// The weights' moving average, of a run that keeps one.
    public static let average = "ema.safetensors"
    /// A `TrainingState`, and the checksums of the other files.
    public static let state = "state.json"
}

// MARK: - Reading

extension Checkpoint {
    /// Far above any real state; a larger file is not one.
    private static let stateSizeLimit = 16 << 20

    /// Reads a checkpoint's folder, or a link to one, and verifies sizes and checksums of all its files.
    /// - Throws: `CheckpointError` when a file is missing, damaged or of a later version, `FileError` when the system
    ///   refuses to read it.
    public static func load(_ path: String) throws -> Checkpoint {
        let folder = URL(filePath: path).resolvingSymlinksInPath().path
        let manifest = try readManifest(in: folder)
        for name in [CheckpointFile.model, CheckpointFile.optimizer] where manifest.files[name] == nil {
            throw damage(CheckpointFile.state, in: folder, "it does not list \(name)")
        }
        for (name, record) in manifest.files.sorted(by: { $0.key < $1.key }) {
            try verify(name, in: folder, against: record)
        }
        func read(_ name: String) throws -> SafetensorsFile { try SafetensorsFile.read("\(folder)/\(name)") }
        return Checkpoint(
            state: manifest.state, model: try read(CheckpointFile.model), optimizer: try read(CheckpointFile.optimizer),
            average: manifest.files[CheckpointFile.average] == nil ? nil : try read(CheckpointFile.average))
    }

    private static func readManifest(in folder: String) throws -> CheckpointManifest {
        let name = CheckpointFile.state
        let bytes = try reading(name, in: folder, startOfFile)
        do {
            return try CheckpointManifest(decoding: bytes)
        } catch {
            switch error {
            case .damaged(let reason): throw damage(name, in: folder, reason)
            case .version(let found):
                throw CheckpointError.laterVersion(
                    file: "\(folder)/\(name)", found: found, supported: CheckpointManifest.currentVersion)
            }
        }
    }

    private static func startOfFile(_ path: String) throws(FileError) -> [UInt8] {
        let file = try FileDescriptor(reading: path)
        let size = try file.regularFileSize()
        return try file.read(count: min(size, stateSizeLimit), at: 0)
    }

    private static func verify(
        _ name: String, in folder: String, against record: CheckpointManifest.FileRecord
    ) throws {
        let found = try reading(name, in: folder, CheckpointManifest.FileRecord.init(ofFile:))
        if found.bytes != record.bytes {
            throw damage(name, in: folder, "it has \(found.bytes) bytes, not \(record.bytes)")
        }
        if found.checksum != record.checksum {
            throw damage(
                name, in: folder,
                "checksum \(found.checksum), not \(record.checksum) (\(CheckpointManifest.algorithm))")
        }
    }

    /// Turns a file that is missing or that the disk cannot read into damage of the checkpoint.
    private static func reading<Result>(
        _ name: String, in folder: String, _ body: (String) throws(FileError) -> Result
    ) throws -> Result {
        do {
            return try body("\(folder)/\(name)")
        } catch {
            switch error.code {
            case ENOENT: throw damage(name, in: folder, "the file is missing")
            case EIO: throw damage(name, in: folder, "the disk cannot read it")
            default: throw error
            }
        }
    }

    private static func damage(_ name: String, in folder: String, _ reason: String) -> CheckpointError {
        let url = URL(filePath: folder)
        let store = CheckpointStore(directory: url.deletingLastPathComponent().path)
        let previous = CheckpointStore.step(ofName: url.lastPathComponent).flatMap { step in
            (try? store.steps())?.last { $0 < step }
        }
        return .damaged(file: "\(folder)/\(name)", reason: reason, previous: previous.map(store.path(ofStep:)))
    }
}

extension CheckpointManifest.FileRecord {
    private static let chunk = 4 << 20

    /// Size and checksum of a file, read in pieces.
    init(ofFile path: String) throws(FileError) {
        let file = try FileDescriptor(reading: path)
        _ = try file.regularFileSize()
        var hasher = XXHash64()
        var size = 0
        while true {
            let bytes = try file.read(count: Self.chunk, at: size)
            hasher.update(bytes)
            size += bytes.count
            if bytes.count < Self.chunk { break }
        }
        self.init(bytes: size, checksum: hexadecimal(hasher.finish()))
    }
}
