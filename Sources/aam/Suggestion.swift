import ArgumentParser
import Foundation

/// What a user may have meant, where a name is mistyped.
enum Suggestion {
    /// The message of a mistake in the command line, with the nearest name that would do, if one is near.
    static func complete(_ message: String) -> String {
        var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.first, !first.contains("Did you mean"), let meant = nearest(to: lines) else {
            return message
        }
        let question = "Did you mean '\(meant)'?"
        // Before the names that would do, which may be a list of lines.
        if let names = first.range(of: "Please provide") {
            lines[0].insert(contentsOf: "\(question) ", at: names.lowerBound)
        } else {
            lines[0] += "\(first.hasSuffix(".") ? "" : ".") \(question)"
        }
        return lines.joined(separator: "\n")
    }

    private static func nearest(to lines: [String]) -> String? {
        if let match = lines[0].firstMatch(
            of: #/The value '([^']*)' is invalid for '[^']*'\. Please provide one of(.*)/#)
        {
            let inline = match.2.matches(of: #/'([^']*)'/#).map { String($0.1) }
            let listed = lines.dropFirst().compactMap { $0.wholeMatch(of: #/  - (\S+)/#).map { String($0.1) } }
            return nearest(to: String(match.1), among: inline + listed)
        }
        guard let match = lines[0].firstMatch(of: #/Unexpected argument '([^']*)'/#),
            let usage = lines.first(where: { $0.hasPrefix("Usage: ") && $0.hasSuffix("<subcommand>") })
        else { return nil }
        let path = usage.split(separator: " ").dropFirst(2).dropLast().map(String.init)
        return nearest(to: String(match.1), among: commands(under: path))
    }

    /// The names of a command's subcommands.
    private static func commands(under path: [String]) -> [String] {
        var configuration = AAM.configuration
        for name in path {
            guard let next = configuration.subcommands.first(where: { $0.configuration.commandName == name }) else {
                break
            }
            configuration = next.configuration
        }
        return configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    /// The candidate that the fewest changes of letters lead to; nil if that is another word altogether.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let distances = candidates.map { ($0, distance(Array(name.lowercased()), Array($0.lowercased()))) }
        guard let (candidate, changes) = distances.min(by: { $0.1 < $1.1 }) else { return nil }
        return changes <= max(1, candidate.count / 3) ? candidate : nil
    }

    /// Letters to insert, remove, replace or swap with their neighbours (optimal string alignment).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
