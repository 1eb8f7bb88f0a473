/// A matrix element of a MATLAB 5 file: flags, dimensions and name have been read, its content has not.
struct MATMatrix {
    /// The classes that annotations use.
    private enum Class: Int {
        case cell = 1
        case structure = 2
        case character = 4
        case sparse = 5
        case double, single, int8, uint8, int16, uint16, int32, uint32, int64, uint64
    }

    let name: String
    private let matlabClass: Class?
    private let isComplex: Bool
    private let dimensions: [Int]
    /// Elements of the array.
    private let count: Int
    private var content: MATElements
    private let depth: Int

    /// Cells in cells in cells: annotations have two levels.
    private static let greatestDepth = 16

    /// A variable, which may be compressed.
    /// - Throws: `MATDamage`, as all that follow.
    init(variable: MATElements.Element, in elements: MATElements, greatestSize: Int) throws {
        guard variable.storage == .compressed else {
            try self.init(variable, in: elements)
            return
        }
        let bytes = try inflated(elements.bytes[variable.range], greatestSize: greatestSize)
        var inside = MATElements(bytes, order: elements.order, range: bytes.indices)
        try self.init(try inside.next(), in: inside)
        guard inside.isAtEnd else { throw MATDamage("something follows the variable") }
    }

    private init(_ element: MATElements.Element, in elements: MATElements, depth: Int = 0) throws {
        guard element.storage == .matrix else { throw MATDamage("there is no array but \(element.storage)") }
        guard depth < Self.greatestDepth else { throw MATDamage("its parts have parts \(depth) times over") }
        content = elements.elements(of: element)
        self.depth = depth
        // An array without contents, as in a cell that was never set, may lack everything.
        guard !content.isAtEnd else {
            (name, matlabClass, isComplex, dimensions, count) = ("", .double, false, [0, 0], 0)
            return
        }
        let flags = try content.numbers(try content.next(.uint32, what: "kind"), UInt32.self)
        guard flags.count == 2 else { throw MATDamage("its kind has \(flags.count) numbers") }
        matlabClass = Class(rawValue: Int(flags[0] & 0xFF))
        isComplex = flags[0] & 0x800 != 0
        dimensions = try content.numbers(try content.next(.int32, what: "size"), Int32.self).map(Int.init)
        guard dimensions.count >= 2, dimensions.allSatisfy({ $0 >= 0 }) else {
            throw MATDamage("its size is \(dimensions)")
        }
        var product = 1
        for dimension in dimensions {
            let (next, overflows) = product.multipliedReportingOverflow(by: dimension)
            guard !overflows else { throw MATDamage("its size is \(dimensions)") }
            product = next
        }
        count = product
        name = String(
            decoding: content.bytes[try content.next(.int8, .uint8, .utf8, what: "name").range], as: UTF8.self)
    }

    /// The content.
    mutating func array() throws -> MATArray {
        guard dimensions.count == 2 else { return .other("an array of \(dimensions.count) dimensions") }
        guard !isComplex else { return .other("complex") }
        switch matlabClass {
        case nil, .sparse: return .other("of a class that is neither numbers, text, cells nor structs")
        case .character: return try text()
        case .cell: return .cells(try parts(count), isColumn: dimensions[0] > 1)
        case .structure: return try structs()
        default: return try numbers()
        }
    }

    private mutating func numbers() throws -> MATArray {
        guard !content.isAtEnd else { return try count == 0 ? .numbers([]) : fail("it has no numbers") }
        let numbers = try content.numbers(try content.next())
        guard numbers.count == count else { return try fail("it has \(numbers.count) of \(count) numbers") }
        return .numbers(numbers)
    }

    private mutating func text() throws -> MATArray {
        guard count > 0 else { return .text("") }
        guard dimensions[0] == 1 else { return .other("a text of \(dimensions[0]) rows") }
        let element = try content.next()
        let text: String
        switch element.storage {
        case .int8, .uint8, .utf8: text = String(decoding: content.bytes[element.range], as: UTF8.self)
        case .uint16, .utf16: text = String(decoding: try content.numbers(element, UInt16.self), as: UTF16.self)
        case .uint32, .utf32: text = String(decoding: try content.numbers(element, UInt32.self), as: UTF32.self)
        default: return try fail("its text is stored as \(element.storage)")
        }
        // Writers do not agree what a character is.
        guard [text.utf16.count, text.unicodeScalars.count, text.utf8.count].contains(count) else {
            return try fail("it has \(text.utf16.count) of \(count) characters")
        }
        return .text(text)
    }

    private mutating func structs() throws -> MATArray {
        let length = try content.numbers(try content.next(.int32, what: "length of names"), Int32.self)
        guard length.count == 1, length[0] > 0 else { return try fail("its names have no length") }
        let names = content.bytes[try content.next(.int8, .uint8, .utf8, what: "list of fields").range]
        let width = Int(length[0])
        guard names.count % width == 0 else { return try fail("a field's name is cut short") }
        let fields = stride(from: names.startIndex, to: names.endIndex, by: width).map { start in
            String(decoding: names[start..<start + width].prefix { $0 != 0 }, as: UTF8.self)
        }
        let (all, overflows) = count.multipliedReportingOverflow(by: fields.count)
        guard !overflows, !fields.isEmpty || count == 0 else { return try fail("its \(count) structs have no fields") }
        let values = try parts(all)
        return .structs(
            fields: fields, records: (0..<count).map { Array(values[$0 * fields.count..<($0 + 1) * fields.count]) })
    }

    /// The arrays in cells or fields. Each takes at least eight bytes, so a false count ends soon.
    private mutating func parts(_ count: Int) throws -> [MATArray] {
        var parts: [MATArray] = []
        for _ in 0..<count {
            var part = try MATMatrix(try content.next(), in: content, depth: depth + 1)
            parts.append(try part.array())
        }
        return parts
    }

    private func fail(_ reason: String) throws -> MATArray { throw MATDamage(reason) }
}
