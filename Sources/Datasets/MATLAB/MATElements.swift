/// The elements of a part of a MATLAB 5 file: each a type, a length and that many bytes.
struct MATElements {
    /// How an element's bytes are to be read.
    enum Storage: Int {
        case int8 = 1
        case uint8, int16, uint16, int32, uint32, single
        case double = 9
        case int64 = 12
        case uint64, matrix, compressed, utf8, utf16, utf32
    }

    struct Element {
        let storage: Storage
        let range: Range<Int>
    }

    enum ByteOrder {
        case little, big

        /// From the letters at the end of the file's header, which were written as one number.
        init?(letters: ArraySlice<UInt8>) {
            if letters.elementsEqual("IM".utf8) {
                self = .little
            } else if letters.elementsEqual("MI".utf8) {
                self = .big
            } else {
                return nil
            }
        }
    }

    let bytes: [UInt8]
    let order: ByteOrder
    private var position: Int
    private let end: Int

    /// - Precondition: `range` lies in `bytes`.
    init(_ bytes: [UInt8], order: ByteOrder, range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) of \(bytes.count) bytes")
        self.bytes = bytes
        self.order = order
        position = range.lowerBound
        end = range.upperBound
    }

    /// The elements in an element.
    func elements(of element: Element) -> MATElements { MATElements(bytes, order: order, range: element.range) }

    var isAtEnd: Bool { position == end }

    /// - Throws: `MATDamage`.
    mutating func next() throws -> Element {
        guard end - position >= 8 else { throw MATDamage("it is cut short") }
        let tag = Int(number(UInt32.self, at: position))
        // Up to four bytes may stand in the tag itself, their number in its upper half.
        let isSmall = tag >> 16 != 0
        let count = isSmall ? tag >> 16 : Int(number(UInt32.self, at: position + 4))
        guard let storage = Storage(rawValue: tag & 0xFFFF), !isSmall || count <= 4 else {
            throw MATDamage("at byte \(position) there is no element")
        }
        let start = position + (isSmall ? 4 : 8)
        guard count <= end - start else { throw MATDamage("it is cut short") }
        // Elements begin at multiples of eight bytes, but for what follows a compressed one.
        let padding = storage == .compressed ? 0 : (8 - (start + count - position) % 8) % 8
        position = min(end, start + count + padding)
        return Element(storage: storage, range: start..<start + count)
    }

    /// The next element, which has to be stored in one of the given ways.
    mutating func next(_ expected: Storage..., what: String) throws -> Element {
        let element = try next()
        guard expected.contains(element.storage) else { throw MATDamage("its \(what) is stored as \(element.storage)") }
        return element
    }

    /// The numbers of an element, whatever way they are stored.
    func numbers(_ element: Element) throws -> [Double] {
        switch element.storage {
        case .int8: try numbers(element, Int8.self).map(Double.init)
        case .uint8: try numbers(element, UInt8.self).map(Double.init)
        case .int16: try numbers(element, Int16.self).map(Double.init)
        case .uint16: try numbers(element, UInt16.self).map(Double.init)
        case .int32: try numbers(element, Int32.self).map(Double.init)
        case .uint32: try numbers(element, UInt32.self).map(Double.init)
        case .int64: try numbers(element, Int64.self).map(Double.init)
        case .uint64: try numbers(element, UInt64.self).map { Double($0) }
        case .single: try numbers(element, UInt32.self).map { Double(Float(bitPattern: $0)) }
        case .double: try numbers(element, UInt64.self).map(Double.init(bitPattern:))
        case .matrix, .compressed, .utf8, .utf16, .utf32:
            throw MATDamage("its numbers are stored as \(element.storage)")
        }
    }

    func numbers<Number: FixedWidthInteger>(_ element: Element, _ type: Number.Type) throws -> [Number] {
        let size = MemoryLayout<Number>.size
        guard element.range.count % size == 0 else { throw MATDamage("a number is cut short") }
        return stride(from: element.range.lowerBound, to: element.range.upperBound, by: size).map {
            number(type, at: $0)
        }
    }

    private func number<Number: FixedWidthInteger>(_ type: Number.Type, at place: Int) -> Number {
        let size = MemoryLayout<Number>.size
        precondition(place >= 0 && place + size <= bytes.count, "\(size) bytes at \(place) of \(bytes.count)")
        let stored = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: type) }
        return order == .little ? Number(littleEndian: stored) : Number(bigEndian: stored)
    }
}
