import ArgumentParser
import Foundation
import Reporting
import TOMLKit
import Training

/// A TOML file with the long names of `aam train`'s options as keys.
struct ConfigurationFile {
    /// Every key but `recipe`, with the arguments it stands for.
    let options: [(name: String, arguments: [String])]
    let recipe: String?

    /// - Throws: `ConfigurationFileError`.
    init(path: String) throws {
        let (table, text) = try Self.table(path)
        var all: [(name: String, arguments: [String])] = []
        for (key, value) in table {
            do {
                let arguments = try Self.arguments(key, value.tomlValue)
                _ = try Train.parse(arguments)
                all.append((key, arguments))
            } catch {
                throw ConfigurationFileError(
                    path: path, line: Self.line(of: key, in: text), problem: Train.message(for: error))
            }
        }
        recipe = table[Self.recipeKey]?.string
        options = all.filter { $0.name != Self.recipeKey }
        do {
            _ = try Train.parse(options.flatMap(\.arguments))
        } catch {
            throw ConfigurationFileError(path: path, problem: Train.message(for: error))
        }
    }

    /// - Throws: `ConfigurationFileError`.
    static func table(_ path: String) throws -> (TOMLTable, text: String) {
        let text: String
        do {
            text = try readText(path)
        } catch ReportError.unreadable(_, let reason) {
            throw ConfigurationFileError(path: path, problem: "cannot be read: \(reason)")
        }
        do {
            return (try TOMLTable(string: text), text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw ConfigurationFileError(path: path, line: place.line, problem: "not TOML: \(error.description)")
        }
    }

    private static let recipeKey = "recipe"
    private static let knownKeys =
        TrainingConfiguration.CodingKeys.allCases.map(\.rawValue) + [
            "batch-size-per-rank", "resume", "stall-warning", "stall-timeout", recipeKey,
        ]

    /// - Throws: `ValidationError`.
    private static func arguments(_ key: String, _ value: TOMLValue) throws -> [String] {
        guard knownKeys.contains(key) else {
            let question = Suggestion.nearest(to: key, among: knownKeys).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError(
                "There is no key '\(key)'.\(question) Keys are the long names of the options of aam train.")
        }
        if let flag = value.bool { return [flag ? "--\(key)" : "--no-\(key)"] }
        if let integer = value.int { return ["--\(key)=\(integer)"] }
        if let number = value.double { return ["--\(key)=\(number)"] }
        if let text = value.string { return ["--\(key)=\(text)"] }
        throw ValidationError("'\(key)' takes a single value.")
    }

    /// The line, from 1, that sets the key; the parser does not tell.
    static func line(of key: String, in text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.firstIndex { line in
            guard let name = line.split(separator: "=", maxSplits: 1).first else { return false }
            let bare = name.trimmingCharacters(in: .whitespaces)
            return [key, "\"\(key)\"", "'\(key)'", "[\(key)]"].contains(bare)
        }.map { $0 + 1 }
    }
}

/// A configuration file that cannot be used.
struct ConfigurationFileError: Error, CustomStringConvertible, LocalizedError {
    let path: String
    var line: Int?
    let problem: String

    var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(problem)" }
    var errorDescription: String? { description }
}
