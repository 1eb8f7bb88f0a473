import Foundation

extension TrainingConfiguration {
    /// Every option's name and value, as a command line would have them.
    public var options: [String: String] {
        // Going through Codable keeps names and values those of `config.toml`.
        guard let data = try? JSONEncoder().encode(self),
            let object = try? JSONDecoder().decode([String: OptionValue].self, from: data)
        else { preconditionFailure("a configuration has only texts, numbers and booleans") }
        return object.mapValues(\.text)
    }
}

private struct OptionValue: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            text = String(flag)
        } else if let integer = try? container.decode(Int.self) {
            text = String(integer)
        } else if let number = try? container.decode(Double.self) {
            text = String(number)
        } else {
            text = try container.decode(String.self)
        }
    }
}
