import Datasets
import Foundation
import Safetensors

/// The bytes of image files, read by one thread.
struct ImageFiles {
    private let files: [(path: String, bytes: [UInt8])]

    /// - Throws: `FileError`.
    init(_ paths: [String]) throws {
        files = try paths.map { path in
            let file = try FileDescriptor(reading: path)
            return (path, try file.read(count: try file.regularFileSize(), at: 0))
        }
    }

    /// Decodes all images at full size, on threads like those of a loader.
    /// - Throws: `ImageError`, `ThreadError`.
    func decode(threads: Int) throws {
        let failure = FirstFailure()
        let workers = try (0..<threads).map { thread in
            try WorkerThread(to: "decode images") {
                failure.catching {
                    let reader = try ImageReader()
                    for index in stride(from: thread, to: files.count, by: threads) {
                        _ = try reader.decode(files[index].bytes, path: files[index].path)
                    }
                }
            }
        }
        for worker in workers { worker.join() }
        if let error = failure.error { throw error }
    }
}

private final class FirstFailure: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: (any Error)?

    var error: (any Error)? { lock.withLock { stored } }

    func catching(_ body: () throws -> Void) {
        do { try body() } catch { lock.withLock { stored = stored ?? error } }
    }
}
