import ArgumentParser
import Foundation
import TOMLKit
import Training

/// A TOML file with the long names of `aam train`'s options as keys.
struct ConfigurationFile {
    /// Every key with the arguments it stands for, in the file's order of keys.
    let options: [(name: String, arguments: [String])]
    let recipe: String?

    /// - Throws: `ConfigurationFileError`.
    init(path: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationFileError(path: path, problem: "cannot be read: \(error.localizedDescription)")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw ConfigurationFileError(
                path: "\(path):\(error.source.begin.line):\(error.source.begin.column)", problem: error.description)
        }
        var options: [(name: String, arguments: [String])] = []
        for (key, value) in table where key != "recipe" {
            options.append((key, try Self.arguments(key, value.tomlValue, path: path)))
        }
        self.options = options
        recipe = table["recipe"]?.string
        try Self.check(options, path: path)
    }

    private static let knownKeys =
        TrainingConfiguration.CodingKeys.allCases.map(\.rawValue) + ["batch-size-per-rank", "resume", "recipe"]

    private static func arguments(_ key: String, _ value: TOMLValue, path: String) throws -> [String] {
        guard knownKeys.contains(key) else {
            throw ConfigurationFileError(
                path: path, problem: "has the unknown key '\(key)'. Keys are the long names of `aam train`'s options")
        }
        if let flag = value.bool { return [flag ? "--\(key)" : "--no-\(key)"] }
        if let integer = value.int { return ["--\(key)=\(integer)"] }
        if let number = value.double { return ["--\(key)=\(number)"] }
        if let text = value.string { return ["--\(key)=\(text)"] }
        throw ConfigurationFileError(path: path, problem: "has a \(value.type) under '\(key)', which takes one value")
    }

    /// Parses the file's values alone, so that an error names the file and not the command line.
    private static func check(_ options: [(name: String, arguments: [String])], path: String) throws {
        for option in options {
            do {
                _ = try TrainOptions.parse(option.arguments)
            } catch {
                throw ConfigurationFileError(
                    path: path, problem: "has a wrong value under '\(option.name)': \(TrainOptions.message(for: error))"
                )
            }
        }
    }
}

/// A configuration file that cannot be used.
struct ConfigurationFileError: Error, CustomStringConvertible, LocalizedError {
    let path: String
    let problem: String

    var description: String { "the configuration file \(path) \(problem)" }
    var errorDescription: String? { description }
}
