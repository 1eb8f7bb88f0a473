import ArgumentParser

/// The values of an option that an ablation varies, separated by commas; at least one.
struct VariedValues<Element: LosslessStringConvertible>: ExpressibleByArgument {
    let values: [Element]

    init(_ values: [Element]) {
        self.values = values
    }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        values = parts.compactMap { $0.isEmpty ? nil : Element($0) }
        guard !values.isEmpty, values.count == parts.count else { return nil }
    }

    var defaultValueDescription: String { values.map(\.description).joined(separator: ",") }
}
