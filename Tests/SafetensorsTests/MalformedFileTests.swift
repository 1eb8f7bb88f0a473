import Foundation
import Safetensors
import TestSupport
import Testing

@Suite struct MalformedFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What reading a file of that header and so many bytes of data throws.
    func problem(_ header: String, data: Int = 8, length: UInt64? = nil) throws -> SafetensorsError.Problem? {
        let path = folder("bad.safetensors")
        var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Data($0) }
        bytes.append(Data(header.utf8))
        bytes.append(Data(count: data))
        try bytes.write(to: URL(filePath: path))
        do {
            _ = try SafetensorsFile.read(path)
            return nil
        } catch let error as SafetensorsError {
            #expect(error.path == path)
            return error.problem
        }
    }

    func tensor(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    @Test func aCorrectFileWithUnusualSpacingIsRead() throws {
        #expect(try problem("{ \(tensor("a", "F32", "[ 2 ]", "[0 ,8]")) }  \n") == nil)
    }

    @Test func lengthsThatCannotBeAreRefusedBeforeAnythingIsAllocated() throws {
        #expect(try problem("{}", data: 0, length: .max) == .headerTooLarge(.max, limit: 100_000_000))
        #expect(try problem("{}", data: 0, length: 99_999_999) == .headerBeyondFile(99_999_999, fileSize: 10))
        let path = folder("short")
        try Data([1, 2, 3]).write(to: URL(filePath: path))
        #expect(
            message { try SafetensorsFile.read(path) }
                == "\(path): the file has 3 bytes, fewer than a safetensors header; it is damaged or was not written "
                + "completely: copy or write it again")
    }

    @Test func sizesMustAgree() throws {
        let huge = "[4294967296,4294967296,4294967296]"
        #expect(
            try problem("{\(tensor("a", "F32", huge, "[0,8]"))}")
                == .sizeMismatch(
                    shape: [1 << 32, 1 << 32, 1 << 32], elementType: .float32, byteCount: 8))
        #expect(
            try problem("{\(tensor("a", "F32", "[3]", "[0,8]"))}")
                == .sizeMismatch(shape: [3], elementType: .float32, byteCount: 8))
        #expect(try problem("{\(tensor("a", "F32", "[2]", "[8,0]"))}") == .offsetsReversed(begin: 8, end: 0))
        #expect(
            try problem("{\(tensor("a", "F32", "[4]", "[0,16]"))}") == .offsetsBeyondFile(end: 16, dataSize: 8))
    }

    @Test func dataMustBeCoveredExactlyOnce() throws {
        let first = tensor("a", "F32", "[1]", "[0,4]")
        #expect(try problem("{\(first),\(tensor("b", "F32", "[1]", "[2,6]"))}") == .overlap(with: "a"))
        #expect(try problem("{\(first),\(tensor("b", "U8", "[2]", "[6,8]"))}") == .gap(from: 4, to: 6))
        #expect(try problem("{\(first)}") == .trailingBytes(4))
        #expect(try problem("{\(first),\(first)}") == .duplicateTensor)
    }

    @Test func unknownElementTypesAreNamed() throws {
        #expect(try problem("{\(tensor("a", "F4", "[16]", "[0,8]"))}") == .unknownElementType("F4"))
    }

    @Test(arguments: [
        "", "[]", "{", "{}x", "{\"a\"}", "{\"a\":1}", "{,}", "{\"a\":{}}", "{\"__metadata__\":{\"k\":1}}",
        "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", "{\"\\ud800\":{}}", "{\"\\x\":{}}", "{\"a\u{1}\":{}}", "{\"a",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[08],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[-8],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[8.0],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,9]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,99999999999999999999]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"more\":[]}}",
        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}",
    ])
    func invalidHeadersAreRefused(_ header: String) throws {
        guard case .invalidJSON = try problem(header) else {
            Issue.record("\(header) was not refused as an invalid header")
            return
        }
    }

    @Test func deepNestingIsRefusedWithoutRecursion() throws {
        guard case .invalidJSON = try problem(String(repeating: "{\"a\":", count: 1_000_000)) else {
            Issue.record("a million nested objects were not refused")
            return
        }
    }

    @Test func everyTruncationIsDetected() throws {
        let path = folder("whole.safetensors")
        try SafetensorsFile(
            metadata: ["k": "v"], tensors: [SafetensorsTensor(name: "a", shape: [2], float32: [1, 2])]
        ).write(path)
        let whole = try Data(contentsOf: URL(filePath: path))
        for count in 0..<whole.count {
            let cut = folder("cut.safetensors")
            try whole.prefix(count).write(to: URL(filePath: cut))
            #expect(throws: SafetensorsError.self, "cut to \(count) bytes") { try SafetensorsFile.read(cut) }
        }
    }

    @Test func pipesAndFoldersAreRefused() throws {
        let pipe = folder("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError.self) { try SafetensorsFile.read(pipe) }
        #expect(throws: FileError.self) { try SafetensorsFile.read(folder.path) }
        #expect(throws: FileError.self) { try SafetensorsFile.read("/dev/zero") }
    }
}
