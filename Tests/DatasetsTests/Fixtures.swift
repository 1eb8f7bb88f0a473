import Foundation
import Testing

/// The project's root, from this file's place in it.
let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// Small files made by `Tools/fixtures`.
let fixtures = projectRoot.appending(path: "Tests/Fixtures/images")

/// Real data, which is not part of the project.
let sharedData = projectRoot.deletingLastPathComponent().appending(path: "shared/data")
let cub20 = sharedData.appending(path: "cub20/CUB_200_2011").path
let cubAnnotations = sharedData.appending(path: "cub-annotations").path

func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: fixtures.appending(path: name)))
}

/// A folder that goes away with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "aam-datasets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, making its folder.
    @discardableResult
    func write(_ content: some Sequence<UInt8>, to name: String) throws -> String {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
        return url.path
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try write(text.utf8, to: name)
    }
}

/// What `body` throws, in words.
func errorDescription(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return String(describing: error)
    }
}

/// CRC-32 as zlib computes it.
func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }
    return ~crc
}

let cars10 = sharedData.appending(path: "cars10").path
let carsDevkit = sharedData.appending(path: "cars-devkit").path
let aircraftLists = sharedData.appending(path: "aircraft-lists").path

func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
