/// A safetensors header: what the JSON says of each tensor, in its order.
struct Header {
    struct Entry {
        let name: String
        let elementType: ElementType
        let shape: [Int]
        /// Where the tensor's bytes are, counted from the end of the header.
        let range: Range<Int>
    }

    var metadata: [String: String] = [:]
    var entries: [Entry] = []

    /// The format's own limit; real headers take some 100 bytes a tensor.
    static let sizeLimit = 100_000_000
    /// Bytes of the header's length, before the header.
    static let prefixSize = 8

    /// Parses the JSON and checks each entry and that together they cover `dataSize` bytes exactly.
    init(json: [UInt8], dataSize: Int, path: String?) throws {
        var scanner = HeaderScanner(json)
        do {
            try parse(&scanner, path: path)
            try scanner.end()
        } catch let complaint as HeaderScanner.Complaint {
            throw SafetensorsError(
                path: path, tensor: nil, problem: .invalidJSON(complaint.text, offset: complaint.offset))
        }
        try checkCoverage(dataSize: dataSize, path: path)
    }

    private mutating func parse(_ scanner: inout HeaderScanner, path: String?) throws {
        var names: Set<String> = []
        try scanner.object { scanner, name in
            guard names.insert(name).inserted else {
                throw SafetensorsError(path: path, tensor: name, problem: .duplicateTensor)
            }
            if name == metadataKey {
                try scanner.object { scanner, key in
                    let earlier = metadata.updateValue(try scanner.string(), forKey: key)
                    if earlier != nil { throw scanner.complaint("the metadata has the key '\(key)' twice") }
                }
            } else {
                entries.append(try Self.entry(name: name, from: &scanner, path: path))
            }
        }
    }

    private static func entry(name: String, from scanner: inout HeaderScanner, path: String?) throws -> Entry {
        func failure(_ problem: SafetensorsError.Problem) -> SafetensorsError {
            SafetensorsError(path: path, tensor: name, problem: problem)
        }
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { scanner, key in
            switch key {
            case "dtype" where typeName == nil: typeName = try scanner.string()
            case "shape" where shape == nil: shape = try scanner.integers()
            case "data_offsets" where offsets == nil: offsets = try scanner.integers()
            default: throw scanner.complaint("tensor '\(name)' has an unknown or repeated key '\(key)'")
            }
        }
        guard let typeName, let shape, let offsets, offsets.count == 2 else {
            throw scanner.complaint("tensor '\(name)' needs a dtype, a shape and two data_offsets")
        }
        guard let elementType = ElementType(rawValue: typeName) else {
            throw failure(.unknownElementType(typeName))
        }
        guard offsets[0] <= offsets[1] else {
            throw failure(.offsetsReversed(begin: offsets[0], end: offsets[1]))
        }
        let range = offsets[0]..<offsets[1]
        guard byteCount(shape: shape, elementType: elementType) == range.count else {
            throw failure(.sizeMismatch(shape: shape, elementType: elementType, byteCount: range.count))
        }
        return Entry(name: name, elementType: elementType, shape: shape, range: range)
    }

    /// The format allows neither overlaps nor holes, so that a file cannot hide anything nor expand when read.
    private func checkCoverage(dataSize: Int, path: String?) throws(SafetensorsError) {
        var covered = 0
        var previous = ""
        for entry in entries.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            func failure(_ problem: SafetensorsError.Problem) -> SafetensorsError {
                SafetensorsError(path: path, tensor: entry.name, problem: problem)
            }
            if entry.range.upperBound > dataSize {
                throw failure(.offsetsBeyondFile(end: entry.range.upperBound, dataSize: dataSize))
            }
            if entry.range.lowerBound < covered { throw failure(.overlap(with: previous)) }
            if entry.range.lowerBound > covered {
                throw failure(.gap(from: covered, to: entry.range.lowerBound))
            }
            covered = entry.range.upperBound
            previous = entry.name
        }
        if covered < dataSize {
            throw SafetensorsError(path: path, tensor: nil, problem: .trailingBytes(dataSize - covered))
        }
    }
}

// MARK: - Writing

extension Header {
    /// The header of a file that holds these tensors. Wider elements come first in the data, so that every tensor is
    /// aligned to its element's size; the names stay in the given order.
    init(metadata: [String: String], tensors: [SafetensorsTensor]) {
        self.metadata = metadata
        var ranges = [Range<Int>](repeating: 0..<0, count: tensors.count)
        var end = 0
        for index in Self.dataOrder(of: tensors) {
            ranges[index] = end..<end + tensors[index].byteCount
            end = ranges[index].upperBound
        }
        entries = zip(tensors, ranges).map { tensor, range in
            Entry(name: tensor.name, elementType: tensor.elementType, shape: tensor.shape, range: range)
        }
    }

    /// The order in which the tensors' bytes follow each other in the file.
    static func dataOrder(of tensors: [SafetensorsTensor]) -> [Int] {
        tensors.indices.sorted { left, right in
            (-tensors[left].elementType.size, left) < (-tensors[right].elementType.size, right)
        }
    }

    /// The length prefix and the JSON, padded with spaces so that the data begins at a multiple of eight.
    func encoded() -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\(quoted(metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        for entry in entries {
            let shape = entry.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(entry.name)):{\"dtype\":\"\(entry.elementType.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}")
        }
        var json = Array("{\(members.joined(separator: ","))}".utf8)
        json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
