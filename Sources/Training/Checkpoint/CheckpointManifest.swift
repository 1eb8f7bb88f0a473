import Foundation

/// The whole of `state.json`: the state, and what proves that it and the files beside it are as they were written.
struct CheckpointManifest: Codable, Hashable {
    struct FileRecord: Codable, Hashable {
        var bytes: Int
        /// XXH64 with seed 0, sixteen hexadecimal digits.
        var checksum: String
    }

    static let currentVersion = 1
    static let algorithm = "XXH64"

    var formatVersion = currentVersion
    var checksumAlgorithm = algorithm
    var files: [String: FileRecord]
    var state: TrainingState
    /// Of this manifest itself, in the compact encoding without this key.
    var manifestChecksum: String?

    init(state: TrainingState, files: [String: FileRecord]) {
        self.state = state
        self.files = files
    }

    /// The file's content.
    func encoded() throws -> [UInt8] {
        var sealed = self
        sealed.manifestChecksum = try ownChecksum()
        return Array(try Self.encoder([.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]).encode(sealed)) + [0x0A]
    }

    /// The manifest in a file's content.
    /// - Throws: `Rejection` when it was written by another version or is not as it was written.
    init(decoding bytes: [UInt8]) throws(Rejection) {
        struct Version: Decodable { var formatVersion: Int }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: Self.infinity, negativeInfinity: Self.minusInfinity, nan: Self.notANumber)
        let data = Data(bytes)
        let version = try? decoder.decode(Version.self, from: data)
        if let version, version.formatVersion > Self.currentVersion {
            throw .version(version.formatVersion)
        }
        do { self = try decoder.decode(Self.self, from: data) } catch {
            throw .damaged("it is not valid JSON of a state")
        }
        guard let manifestChecksum, let computed = try? ownChecksum(), manifestChecksum == computed else {
            throw .damaged("its own checksum does not agree")
        }
        self.manifestChecksum = nil
    }

    enum Rejection: Error {
        case version(Int)
        case damaged(String)
    }

    private func ownChecksum() throws -> String {
        var unsealed = self
        unsealed.manifestChecksum = nil
        return hexadecimal(XXHash64.hash(Array(try Self.encoder([.sortedKeys]).encode(unsealed))))
    }

    private static func encoder(_ formatting: JSONEncoder.OutputFormatting) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: notANumber)
        return encoder
    }

    private static let infinity = "inf"
    private static let minusInfinity = "-inf"
    private static let notANumber = "nan"
}

/// Sixteen digits.
func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
