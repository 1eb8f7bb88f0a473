extension Communicator {
    /// Rank `root`'s bytes, on every rank. The others' argument is ignored; its count need not match.
    public func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8] {
        var count = [Int64(bytes.count)]
        try broadcast(&count, from: root)
        var result = rank == root ? bytes : [UInt8](repeating: 0, count: Int(count[0]))
        if count[0] > 0 { try broadcast(&result, from: root) }
        return result
    }

    /// Rank `root`'s text, on every rank. The others' argument is ignored.
    public func broadcast(_ text: String, from root: Int) throws -> String {
        String(decoding: try broadcast(Array(text.utf8), from: root), as: UTF8.self)
    }

    /// Rank `root`'s texts, on every rank. The others' argument is ignored.
    public func broadcast(_ texts: [String], from root: Int) throws -> [String] {
        // Each text is preceded by its length in UTF-8 and a colon.
        let packed = texts.map { "\($0.utf8.count):\($0)" }.joined()
        var rest = try broadcast(Array(packed.utf8), from: root)[...]
        var result: [String] = []
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")),
            let count = Int(String(decoding: rest[..<colon], as: UTF8.self))
        {
            let start = colon + 1
            result.append(String(decoding: rest[start..<(start + count)], as: UTF8.self))
            rest = rest[(start + count)...]
        }
        return result
    }

    /// Every rank's text, in rank order, on rank `root`; an empty array on the others.
    public func gather(_ text: String, to root: Int) throws -> [String] {
        try gather(Array(text.utf8), to: root).map { String(decoding: $0, as: UTF8.self) }
    }
}
