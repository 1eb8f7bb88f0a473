import Collectives
import Foundation
import HTMLReport
import Reporting
import Training

/// What a report found out about a run's model, kept in the run folder so that the next report needs not find it out again.
struct EvaluationCache {
    /// What the findings depend on.
    struct Key: Codable, Equatable {
        /// Of the checkpoint's `state.json`, which has the checksums of its other files.
        let checkpoint: String
        let isAverage: Bool
        let data: String
        let split: String?
        let pictureSize: Int
        /// Counts changes of what is found out.
        var version = 1

        /// - Throws: the system's error if the checkpoint has no state.
        init(checkpoint: String, isAverage: Bool, data: String, split: String?, pictureSize: Int) throws {
            let state = try Data(contentsOf: URL(filePath: "\(checkpoint)/\(CheckpointFile.state)"))
            self.checkpoint = String(XXHash64.hash(Array(state)), radix: 16)
            self.isAverage = isAverage
            self.data = data
            self.split = split
            self.pictureSize = pictureSize
        }
    }

    private struct Content: Codable {
        let key: Key
        let evaluation: RunEvaluation
    }

    private let folder: String
    private var path: String { "\(folder)/evaluation.json" }

    /// - Parameter run: the run's folder.
    init(run: String) { folder = "\(run)/report" }

    /// nil if there is none for this key; one that is damaged is none.
    func read(_ key: Key) -> RunEvaluation? {
        guard let data = try? Data(contentsOf: URL(filePath: path)),
            let content = try? JSONDecoder().decode(Content.self, from: data), content.key == key
        else { return nil }
        return content.evaluation
    }

    /// - Throws: `ReportError`, or the system's error.
    func write(_ evaluation: RunEvaluation, _ key: Key) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Content(key: key, evaluation: evaluation))
        try replaceText(path, with: String(decoding: data, as: UTF8.self))
    }
}
