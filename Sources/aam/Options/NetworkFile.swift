import ArgumentParser
import Reporting
import TOMLKit

/// A TOML file that describes a network.
struct NetworkFile {
    let arguments: NetworkArguments

    private static let keys = ["bandwidth", "latency", "efficiency", "message-overhead", "byte-overhead"]

    /// - Throws: `ConfigurationFileError`.
    init(path: String) throws {
        let (table, text) = try ConfigurationFile.table(path)
        var all: [String] = []
        for (key, value) in table {
            do {
                guard Self.keys.contains(key) else {
                    throw ValidationError("There is no key '\(key)'; there are \(Self.keys.joined(separator: ", ")).")
                }
                let value = value.tomlValue
                guard let text = value.string ?? value.double.map({ "\($0)" }) ?? value.int.map({ "\($0)" }) else {
                    throw ValidationError("'\(key)' takes a single value.")
                }
                all.append("--\(key)=\(text)")
                _ = try NetworkArguments.parse([all[all.count - 1]])
            } catch {
                throw ConfigurationFileError(
                    path: path, line: ConfigurationFile.line(of: key, in: text),
                    problem: NetworkArguments.message(for: error))
            }
        }
        arguments = try NetworkArguments.parse(all)
    }
}
