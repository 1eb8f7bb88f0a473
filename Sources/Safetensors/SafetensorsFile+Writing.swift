extension SafetensorsFile {
    /// Writes the file, tensor by tensor, under a temporary name beside `path` and renames it: whoever opens `path` sees
    /// the file that was there before or this one, complete.
    ///
    /// - Parameters:
    ///   - path: the file, which is replaced if it exists.
    ///   - synchronize: whether to wait until the content and the name are on the disk.
    /// - Throws: `FileError`; then `path` is as it was before.
    public func write(_ path: String, synchronize: Bool = false) throws {
        let header = Header(metadata: metadata, tensors: tensors)
        try FileDescriptor.replace(path, synchronize: synchronize) { file in
            try file.write(header.encoded())
            for index in Header.dataOrder(of: tensors) { try file.write(tensors[index].bytes) }
        }
    }
}
