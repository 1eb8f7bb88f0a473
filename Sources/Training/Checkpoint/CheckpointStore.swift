import Foundation
import Safetensors

/// The checkpoints of one run, as folders `checkpoint-STEP` of a directory.
///
/// A checkpoint appears under its name only when all of it is on the disk. The links `latest` and `best` are replaced
/// atomically and point only to such checkpoints. One process at a time may write; any number may read.
public struct CheckpointStore: Hashable, Sendable {
    /// The run folder.
    public let directory: String
    /// How many of the latest checkpoints are kept, besides the one `best` points to.
    public let keptCount: Int

    /// The link to the newest checkpoint.
    public static let latestName = "latest"
    /// The link to the checkpoint of the best validation.
    public static let bestName = "best"
    static let prefix = "checkpoint-"

    /// Does not touch the disk; see `prepareForWriting`.
    /// - Precondition: at least one checkpoint is kept.
    public init(directory: String, keeping keptCount: Int = 3) {
        precondition(keptCount > 0, "at least one checkpoint must be kept, not \(keptCount)")
        self.directory = directory
        self.keptCount = keptCount
    }

    /// The folder of a step's checkpoint, whether or not it exists.
    public func path(ofStep step: Int) -> String {
        "\(directory)/\(Self.prefix)\(step)"
    }

    /// The steps of which there are checkpoints, ascending; none if the directory does not exist.
    public func steps() throws -> [Int] {
        try names().compactMap(Self.step(ofName:)).sorted()
    }

    /// The step of the checkpoint that the link `latest` points to; nil if there is no such link or checkpoint.
    public func latestStep() throws -> Int? { try step(ofLink: Self.latestName) }

    /// The step of the checkpoint that the link `best` points to; nil if there is no such link or checkpoint.
    public func bestStep() throws -> Int? { try step(ofLink: Self.bestName) }

    private func step(ofLink name: String) throws -> Int? {
        let link = "\(directory)/\(name)"
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
            let step = Self.step(ofName: target)
        else { return nil }
        return try steps().contains(step) ? step : nil
    }

    /// 120 for `checkpoint-120`; nil for any other kind of name.
    static func step(ofName name: String) -> Int? {
        guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), step >= 0,
            name == "\(prefix)\(step)"
        else { return nil }
        return step
    }

    /// The names in the directory; none if it does not exist.
    func names() throws(FileError) -> [String] {
        try Folder.names(in: directory) ?? []
    }
}
