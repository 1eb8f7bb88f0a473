import Foundation
import Safetensors
import TestSupport
import Testing

@Suite struct RoundTripTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func everythingComesBackBitForBitInTheGivenOrder() throws {
        let odd: [Float] = [0, -0.0, .infinity, .nan, .leastNonzeroMagnitude, 1.0 / 3]
        let file = SafetensorsFile(
            metadata: ["a \"key\"": "back\\slash \u{1} €", "empty": ""],
            tensors: [
                SafetensorsTensor(name: "bytes", elementType: .uint8, shape: [3], bytes: [1, 2, 3]),
                SafetensorsTensor(name: "z.weight", shape: [2, 3], float32: odd),
                SafetensorsTensor(name: "count \"ä\"\n", shape: [], int64: [Int64.min]),
                SafetensorsTensor(name: "none", shape: [0, Int.max, 4], float64: []),
            ])
        let path = folder("a.safetensors")
        try file.write(path, synchronize: true)
        let read = try SafetensorsFile.read(path)
        #expect(read.metadata == file.metadata)
        #expect(read.tensors == file.tensors)
        #expect(try read.float32("z.weight").values.map(\.bitPattern) == odd.map(\.bitPattern))
        #expect(try folder.names() == ["a.safetensors"])
    }

    @Test func deferredTensorsAreMadeOnceAWriteAndAreWrittenTheSame() throws {
        let made = Counter()
        let values: [String: [Float]] = ["a": [1, -0.0, 3], "b": [0.5, 1.0 / 3, 7]]
        let deferred = SafetensorsFile(
            tensors: values.keys.sorted().map { name in
                SafetensorsTensor(name: name, shape: [3]) {
                    made.increment()
                    return values[name] ?? []
                }
            })
        let stored = SafetensorsFile(
            tensors: values.sorted { $0.key < $1.key }.map { SafetensorsTensor(name: $0, shape: [3], float32: $1) })
        let (one, other) = (folder("deferred.safetensors"), folder("stored.safetensors"))
        try deferred.write(one)
        #expect(made.count == 2)
        try stored.write(other)
        #expect(try Data(contentsOf: URL(filePath: one)) == Data(contentsOf: URL(filePath: other)))
        #expect(deferred.tensors == stored.tensors)
        #expect(deferred.tensors[0] != stored.tensors[1])
    }

    @Test func dataIsAlignedToEachElementSize() throws {
        let path = folder("a.safetensors")
        let file = SafetensorsFile(tensors: [
            SafetensorsTensor(name: "b", elementType: .bool, shape: [1], bytes: [1]),
            SafetensorsTensor(name: "f", shape: [1], float32: [7]),
            SafetensorsTensor(name: "i", shape: [1], int64: [9]),
        ])
        try file.write(path)
        let bytes = try Data(contentsOf: URL(filePath: path))
        let headerSize = Int(bytes[0])
        #expect(headerSize % 8 == 0)
        #expect(Array(bytes[(8 + headerSize)...]) == [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xE0, 0x40, 1])
    }

    @Test func anEmptyFileHoldsNoTensors() throws {
        let path = folder("a.safetensors")
        try SafetensorsFile(tensors: []).write(path)
        #expect(try SafetensorsFile.read(path).tensors.isEmpty)
    }

    @Test func aFailedWriteLeavesTheOldFileAndNothingElse() throws {
        let path = folder("folder")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect {
            try SafetensorsFile(tensors: []).write(path)
        } throws: { error in
            (error as? FileError)?.code == EISDIR
        }
        #expect(try folder.names() == ["folder"])
    }

    @Test func accessorsNameTheFileAndWhatItHolds() throws {
        let path = folder("a.safetensors")
        try SafetensorsFile(tensors: [SafetensorsTensor(name: "fc.bias", shape: [1], float32: [1])]).write(path)
        let file = try SafetensorsFile.read(path)
        #expect(
            message { try file.float32("conv1") }
                == "\(path), tensor 'conv1': there is no such tensor; the file holds 'fc.bias'")
        #expect(
            message { try file.int64("fc.bias") }
                == "\(path), tensor 'fc.bias': its elements are F32, not integers; check that this is the right file")
    }

    @Test func aMissingFileIsNamedWithTheReason() {
        #expect(
            message { try SafetensorsFile.read("/nowhere/a.safetensors") }
                == "cannot open /nowhere/a.safetensors: No such file or directory (errno 2); "
                + "check that the path exists on this host")
    }
}

/// The description of the error that the closure throws.
func message<Result>(_ body: () throws -> Result) -> String {
    do {
        _ = try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0
    var count: Int { lock.withLock { value } }
    func increment() { lock.withLock { value += 1 } }
}
