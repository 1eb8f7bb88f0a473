import Foundation
import Safetensors

/// A file that is written front to back and made durable, and nothing else: what a disk can do.
struct PlainFile {
    private static let pieceSize = 4 << 20

    let path: String
    let bytes: Int

    /// - Throws: `FileError`.
    func write() throws {
        let piece = [UInt8](repeating: 0x5A, count: Self.pieceSize)
        let file = try FileDescriptor(creating: path)
        defer { unlink(path) }
        for _ in 0..<bytes / Self.pieceSize { try file.write(piece) }
        try file.write([UInt8](piece.prefix(bytes % Self.pieceSize)))
        try file.synchronize()
    }
}
