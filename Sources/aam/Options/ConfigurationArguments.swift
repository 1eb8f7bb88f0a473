import ArgumentParser
import Foundation
import TOMLKit
import Training

/// Turns a recipe and a configuration file into flags that stand before the user's own, which therefore override them.
struct ConfigurationArguments {
    /// The command line with everything spelled out.
    let expanded: [String]

    /// - Parameter arguments: the command line without the program's name.
    /// - Throws: `ConfigurationFileError`, which names the file.
    init(_ arguments: [String]) throws {
        guard arguments.first == Train.configuration.commandName else {
            expanded = arguments
            return
        }
        let own = Array(arguments.dropFirst())
        let file = try Self.value(of: "config", in: own).map(ConfigurationFile.init)
        var fromFile = file?.options ?? []
        // An unknown recipe is refused when the command line is parsed.
        var fromRecipe = (Self.value(of: "recipe", in: own) ?? file?.recipe).flatMap(Recipe.init)?.options ?? []
        // Two ways to say one thing: what is said later replaces what was said the other way.
        for (name, other) in [("batch-size", "batch-size-per-rank"), ("batch-size-per-rank", "batch-size")] {
            let isOwn = Self.value(of: name, in: own) != nil
            if isOwn || fromFile.contains(where: { $0.name == name }) { fromRecipe.removeAll { $0.name == other } }
            if isOwn { fromFile.removeAll { $0.name == other } }
        }
        expanded = [arguments[0]] + (fromRecipe + fromFile).flatMap(\.arguments) + own
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

    /// The options' long names with the arguments that set them.
    var options: [(name: String, arguments: [String])] {
        switch self {
        case .paper:
            [
                ("learning-rate", "1e-4"), ("end-learning-rate", "1e-6"), ("poly-power", "0.9"), ("momentum", "0.8"),
                ("weight-decay", "2.5e-4"), ("epochs", "200"), ("batch-size", "16"), ("image-size", "224"),
                ("eval", "native"),
            ].map { name, value in (name, ["--\(name)=\(value)"]) }
        }
    }
}
