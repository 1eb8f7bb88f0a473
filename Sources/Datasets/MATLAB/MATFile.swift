/// A MATLAB 5 file (saved with `-v6` or `-v7`), as MathWorks' “MAT-File Format” describes it.
///
/// Read here and not by libmatio, which is made for files one trusts: version 1.5.23 makes values up where a file is cut
/// short, takes the memory that a damaged size asks for, and does not return from some damaged files at all.
package struct MATFile {
    /// The largest annotations take a fifth of a MiB, and 3 MiB inflated.
    private static let greatestSize = 1 << 28
    private static let headerSize = 128

    private let path: String
    private let variables: MATElements

    /// Reads the file; its variables are looked at when they are asked for.
    /// - Throws: `DatasetError.unreadableFile`.
    package init(path: String) throws {
        func failure(_ reason: String) -> DatasetError { .unreadableFile(path: path, reason: reason) }

        let bytes = try annotationBytes(path)
        if bytes.starts(with: "MATLAB 7.3".utf8) {
            throw failure("it is a MATLAB 7.3 file; save it again in MATLAB with -v7")
        }
        guard bytes.count >= Self.headerSize, bytes.starts(with: "MATLAB 5.0".utf8),
            let order = MATElements.ByteOrder(letters: bytes[126..<128])
        else {
            let content = bytes.isEmpty ? "an empty file" : FileSignature.content(of: bytes) ?? "something else"
            throw failure("it is not a MATLAB 5 file but \(content); fetch it again")
        }
        guard bytes.count <= Self.greatestSize else {
            throw failure("its \(bytes.count) bytes are too many for annotations")
        }
        self.path = path
        variables = MATElements(bytes, order: order, range: Self.headerSize..<bytes.count)
        do {
            // The variables fill the file exactly.
            var rest = variables
            while !rest.isAtEnd { _ = try rest.next() }
        } catch let damage as MATDamage {
            throw failure("\(damage.reason); fetch it again")
        }
    }

    /// The variable of the given name.
    /// - Throws: `DatasetError.wrongValue` if there is none that can be read.
    package func variable(_ name: String) throws -> MATValue {
        let location = FileLocation(path: path, value: name)
        var names: [String] = []
        do {
            var rest = variables
            while !rest.isAtEnd {
                var matrix = try MATMatrix(variable: try rest.next(), in: rest, greatestSize: Self.greatestSize)
                if matrix.name == name { return MATValue(array: try matrix.array(), path: path, name: name) }
                names.append(matrix.name)
            }
        } catch let damage as MATDamage {
            throw DatasetError.wrongValue(location, found: "damaged: \(damage.reason)", expected: "a whole variable")
        }
        throw DatasetError.wrongValue(
            location, found: "not in the file", expected: "it beside \(names.joined(separator: ", "))")
    }
}

/// Bytes that are not what the format says.
struct MATDamage: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
