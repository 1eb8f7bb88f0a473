import ArgumentParser
import Foundation
import TOMLKit
import Training

/// Turns a recipe and a configuration file into flags that stand before the user's own, which therefore override them.
struct ConfigurationArguments {
    /// The command line with everything spelled out.
    let expanded: [String]

    /// - Parameter arguments: the command line without the program's name.
    /// - Throws: `ConfigurationFileError`, which names the file; `ValidationError` for an unknown recipe.
    init(_ arguments: [String]) throws {
        guard arguments.first == Train.configuration.commandName else {
            expanded = arguments
            return
        }
        let own = Array(arguments.dropFirst())
        var options: [(name: String, arguments: [String])] = []
        var recipe = Self.value(of: "recipe", in: own)
        if let path = Self.value(of: "config", in: own) {
            let file = try ConfigurationFile(path: path)
            options = file.options
            recipe = recipe ?? file.recipe
        }
        // Two ways to say one thing: the user's replaces the file's.
        for (name, other) in [("batch-size", "batch-size-per-rank"), ("batch-size-per-rank", "batch-size")]
        where Self.value(of: name, in: own) != nil {
            options.removeAll { $0.name == other }
        }
        let fromRecipe = try recipe.map(Recipe.arguments) ?? []
        expanded = [arguments[0]] + fromRecipe + options.flatMap(\.arguments) + own
    }

    /// The value of the last `--name value` or `--name=value`.
    private static func value(of name: String, in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated().reversed() {
            if argument.hasPrefix("--\(name)=") { return String(argument.dropFirst(name.count + 3)) }
            if argument == "--\(name)", index + 1 < arguments.count { return arguments[index + 1] }
        }
        return nil
    }
}

/// Named sets of values.
enum Recipe: String, CaseIterable, ExpressibleByArgument {
    /// Wang, Shi, Fujita and Zhao, 2021.
    case paper

    static func arguments(_ name: String) throws -> [String] {
        guard let recipe = Recipe(rawValue: name) else {
            let known = allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no recipe '\(name)'. Recipes: \(known).")
        }
        switch recipe {
        case .paper:
            return [
                "--learning-rate=1e-4", "--end-learning-rate=1e-6", "--poly-power=0.9", "--momentum=0.8",
                "--weight-decay=2.5e-4", "--epochs=200", "--batch-size=16", "--image-size=224", "--eval=native",
            ]
        }
    }
}
