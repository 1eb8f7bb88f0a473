import Foundation

extension TrainingConfiguration {
    /// Every option's name and value, as a command line would have them.
    public var options: [String: String] {
        values.mapValues { value in
            switch value {
            case .flag(let flag): String(flag)
            case .integer(let integer): String(integer)
            case .largeInteger(let integer): String(integer)
            case .number(let number): String(number)
            case .text(let text): text
            }
        }
    }

    /// Every option as a line of a TOML file, in the order of `CodingKeys`.
    public var toml: String {
        let values = values
        return CodingKeys.allCases.map { key in "\(key.rawValue) = \(values[key.rawValue]?.toml ?? "\"\"")\n" }.joined()
    }

    /// Going through Codable keeps names and values those of the coding keys.
    private var values: [String: OptionValue] {
        guard let data = try? JSONEncoder().encode(self),
            let values = try? JSONDecoder().decode([String: OptionValue].self, from: data)
        else { preconditionFailure("a configuration has only texts, numbers and booleans") }
        return values
    }
}

private enum OptionValue: Decodable {
    case flag(Bool)
    case integer(Int)
    /// Above `Int.max`, as seeds may be.
    case largeInteger(UInt64)
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let integer = try? container.decode(UInt64.self) {
            self = .largeInteger(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    var toml: String {
        switch self {
        case .flag(let flag): return String(flag)
        case .integer(let integer): return String(integer)
        // TOML's integers have a sign and 64 bits.
        case .largeInteger(let integer): return "\"\(integer)\""
        // The shortest text that reads back as the same number.
        case .number(let number): return String(number)
        case .text(let text):
            let escaped = text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                case _ where scalar.value < 0x20 || scalar.value == 0x7F: String(format: "\\u%04X", scalar.value)
                default: String(scalar)
                }
            }
            return "\"" + escaped.joined() + "\""
        }
    }
}
