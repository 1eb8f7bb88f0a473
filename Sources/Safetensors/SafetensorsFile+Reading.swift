extension SafetensorsFile {
    /// Reads and checks a whole file. The memory taken is bounded by the file's real size, whatever its header says.
    /// - Throws: `FileError` when it cannot be read, `SafetensorsError` when it breaks the format.
    public static func read(_ path: String) throws -> SafetensorsFile {
        let file = try FileDescriptor(reading: path)
        let (header, dataStart) = try readHeader(of: file)
        let tensors = try header.entries.map { entry in
            let bytes = try file.read(count: entry.range.count, at: dataStart + entry.range.lowerBound)
            guard bytes.count == entry.range.count else {
                throw SafetensorsError(path: path, tensor: entry.name, problem: .changedWhileReading)
            }
            return SafetensorsTensor(
                name: entry.name, elementType: entry.elementType, shape: entry.shape, bytes: bytes)
        }
        return SafetensorsFile(metadata: header.metadata, tensors: tensors, path: path)
    }

    private static func readHeader(of file: borrowing FileDescriptor) throws -> (Header, dataStart: Int) {
        let path = file.path
        func failure(_ problem: SafetensorsError.Problem) -> SafetensorsError {
            SafetensorsError(path: path, tensor: nil, problem: problem)
        }
        let fileSize = try file.regularFileSize()
        let prefix = try file.read(count: Header.prefixSize, at: 0)
        guard prefix.count == Header.prefixSize else { throw failure(.noHeader(fileSize: prefix.count)) }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Header.sizeLimit else { throw failure(.headerTooLarge(length, limit: Header.sizeLimit)) }
        let dataStart = Header.prefixSize + Int(length)
        guard dataStart <= fileSize else { throw failure(.headerBeyondFile(length, fileSize: fileSize)) }
        let json = try file.read(count: Int(length), at: Header.prefixSize)
        guard json.count == Int(length) else { throw failure(.changedWhileReading) }
        return (try Header(json: json, dataSize: fileSize - dataStart, path: path), dataStart)
    }
}
