/// Reads the little JSON that a safetensors header is made of: objects, strings, arrays of unsigned integers.
///
/// Written by hand because Foundation's parser forgets the order of keys and accepts the same key twice, and because
/// this one cannot recurse, whatever the input.
struct HeaderScanner {
    struct Complaint: Error {
        let text: String
        let offset: Int
    }

    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func complaint(_ text: String) -> Complaint {
        Complaint(text: text, offset: offset)
    }

    /// Calls `member` with each key of the object that comes next; `member` must consume the value.
    mutating func object(_ member: (inout HeaderScanner, String) throws -> Void) throws {
        try expect("{")
        if consume("}") { return }
        while true {
            let key = try string()
            try expect(":")
            try member(&self, key)
            if consume("}") { return }
            try expect(",")
        }
    }

    /// An array of integers in 0 ... Int.max.
    mutating func integers() throws(Complaint) -> [Int] {
        try expect("[")
        var values: [Int] = []
        if consume("]") { return values }
        while true {
            values.append(try integer())
            if consume("]") { return values }
            try expect(",")
        }
    }

    mutating func string() throws(Complaint) -> String {
        try expect("\"")
        var content: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw complaint("a string is not UTF-8")
                }
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                offset += 1
                content.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw complaint("a control character stands in a string")
            default:
                content.append(byte)
                offset += 1
            }
        }
        throw complaint("a string does not end")
    }

    /// After the last value only spaces may follow.
    mutating func end() throws(Complaint) {
        skipWhitespace()
        if offset < bytes.count { throw complaint("something follows the header's object") }
    }

    private mutating func integer() throws(Complaint) -> Int {
        skipWhitespace()
        let start = offset
        var value = 0
        while offset < bytes.count, case let digit = bytes[offset], (0x30...0x39).contains(digit) {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(Int(digit - 0x30))
            if overflow || carry { throw complaint("a number is too large") }
            value = sum
            offset += 1
        }
        if offset == start { throw complaint("a non-negative integer is expected") }
        if bytes[start] == 0x30, offset > start + 1 { throw complaint("a number has a leading zero") }
        return value
    }

    private mutating func escape() throws(Complaint) -> Unicode.Scalar {
        guard offset < bytes.count else { throw complaint("a string does not end") }
        let letter = bytes[offset]
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw complaint("a string has an unknown escape")
        }
    }

    /// The scalar of `\uXXXX`, or of the surrogate pair `\uD8XX\uDCXX`, after the first `u`.
    private mutating func escapedScalar() throws(Complaint) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), bytes[offset...].starts(with: [0x5C, 0x75]) else {
            throw complaint("a surrogate stands alone")
        }
        offset += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else {
            throw complaint("a surrogate stands alone")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(Complaint) -> UInt32 {
        guard bytes.count - offset >= 4 else { throw complaint("a string does not end") }
        var value: UInt32 = 0
        for byte in bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw complaint("an escape needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        offset += 4
        return value
    }

    private mutating func expect(_ symbol: Unicode.Scalar) throws(Complaint) {
        if !consume(symbol) { throw complaint("'\(symbol)' is expected") }
    }

    private mutating func consume(_ symbol: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: symbol) else { return false }
        offset += 1
        return true
    }

    private mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }
}
