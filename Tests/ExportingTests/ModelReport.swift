/// What Tools/onnx/check_models.py prints of a file.
struct ModelReport: Decodable {
    struct Result: Decodable {
        let shape: [Int]
        let difference, scale, spread: Double
    }

    enum Size: Decodable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case fixed(Int)
        case named(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            do { self = .fixed(try container.decode(Int.self)) } catch {
                self = .named(try container.decode(String.self))
            }
        }

        init(stringLiteral name: String) { self = .named(name) }
        init(integerLiteral size: Int) { self = .fixed(size) }
    }

    let name: String
    let bytes, opset: Int
    let input: [[Size]]
    let output: [Size]
    let operators, initializers: [String]
    let metadata: [String: String]
    let results: [Result]
}
