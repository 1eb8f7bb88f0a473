import Reporting
import TOMLKit
import Training

/// The options of a run, as its `config.toml` has them.
public struct RunOptions: Hashable, Sendable {
    /// By name; texts without quotes.
    public let values: [String: String]

    public init(_ values: [String: String]) { self.values = values }

    /// - Throws: `ReportError`, `RunFolderError.configuration`.
    public init(path: String) throws {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: try readText(path))
        } catch let error as TOMLParseError {
            throw RunFolderError.configuration(path: path, line: error.source.begin.line, reason: error.description)
        }
        var values: [String: String] = [:]
        for (key, value) in table {
            let value = value.tomlValue
            values[key] =
                value.string ?? value.bool.map { String($0) } ?? value.int.map { String($0) }
                ?? value.double.map { String($0) } ?? value.debugDescription
        }
        self.values = values
    }

    public subscript(_ name: String) -> String? { values[name] }

    /// All names that any of the runs has, in the order of `config.toml`; unknown ones behind.
    package static func names(of runs: [RunOptions]) -> [String] {
        let known = TrainingConfiguration.CodingKeys.allCases.map(\.rawValue)
        let all = Set(runs.flatMap(\.values.keys))
        return known.filter(all.contains) + all.subtracting(known).sorted()
    }

    /// The names whose values are not the same in all runs. The folder that a run was written to is no difference.
    package static func differing(_ runs: [RunOptions]) -> [String] {
        names(of: runs).filter { name in name != "output" && Set(runs.map { $0[name] }).count > 1 }
    }
}

/// A folder that is not what a run leaves.
public enum RunFolderError: Error, Hashable, CustomStringConvertible {
    case noRun(path: String)
    case configuration(path: String, line: Int, reason: String)

    public var description: String {
        switch self {
        case .noRun(let path): "\(path) is no run folder: it has no metrics.csv and config.toml"
        case .configuration(let path, let line, let reason): "\(path):\(line): not TOML: \(reason)"
        }
    }

    /// What to do about it.
    public var hint: String? {
        switch self {
        case .noRun: "give the folder that a training had as its --output"
        case .configuration: "repair the file, or copy the options of a checkpoint's state.json"
        }
    }
}
