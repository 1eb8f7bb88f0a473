import Foundation
import Reporting

/// What a run folder says of a run.
public struct RecordedRun: Sendable {
    /// Tells it from the others of the page.
    public var name: String
    public let folder: String
    public let options: RunOptions
    public let metrics: RunMetrics
    /// Of its starts, in their order; none in runs of versions that did not write them down.
    public let environments: [RunEnvironment]
    /// What its best model says of the test images.
    public var evaluation: RunEvaluation?
    /// Why there is none.
    public var missing: String?

    public init(
        name: String, folder: String, options: RunOptions, metrics: RunMetrics, environments: [RunEnvironment] = []
    ) {
        self.name = name
        self.folder = folder
        self.options = options
        self.metrics = metrics
        self.environments = environments
    }

    /// - Throws: `RunFolderError`, `ReportError`.
    public init(folder: String) throws {
        let (configuration, metrics) = ("\(folder)/config.toml", "\(folder)/metrics.csv")
        guard [configuration, metrics].allSatisfy(FileManager.default.fileExists(atPath:)) else {
            throw RunFolderError.noRun(path: folder)
        }
        self.init(
            name: URL(filePath: folder).standardizedFileURL.lastPathComponent, folder: folder,
            options: try RunOptions(path: configuration), metrics: try RunMetrics(path: metrics),
            environments: try RunEnvironment.read(from: folder))
    }

    /// Runs whose names tell them apart: their folders', or the paths where those are the same.
    /// - Throws: as `init`.
    public static func read(_ folders: [String]) throws -> [RecordedRun] {
        var runs = try folders.map(RecordedRun.init(folder:))
        let counts = Dictionary(grouping: runs, by: \.name).mapValues(\.count)
        for index in runs.indices where counts[runs[index].name, default: 0] > 1 {
            runs[index].name = runs[index].folder
        }
        return runs
    }
}
