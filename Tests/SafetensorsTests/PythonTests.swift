import Foundation
import Safetensors
import TestSupport
import Testing

@Suite struct PythonTests {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a program of Python lines, and returns its exit status and what it printed.
    static func python(_ program: String, _ arguments: [String] = []) -> (status: Int32, output: String) {
        let process = Process()
        let python = ProcessInfo.processInfo.environment["AAM_PYTHON"] ?? "python3"
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python, "-c", program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (-1, "\(error)") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    static let canImportSafetensors = python("import safetensors.numpy").status == 0

    /// Tools/pytorch/make_safetensors_fixture.py wrote the file.
    @Test func readsEveryElementTypeThatPythonWrote() throws {
        let path = Self.root.appending(path: "Tests/Fixtures/safetensors/python.safetensors").path
        let file = try SafetensorsFile.read(path)
        for name in ["f64", "f32", "f16", "bf16"] {
            let (shape, values) = try file.float32(name)
            #expect(shape == [2, 3])
            #expect(values == [0, 0.25, 0.5, 0.75, 1, 1.25], "\(name)")
            #expect(try file.float64(name).values == [0, 0.25, 0.5, 0.75, 1, 1.25], "\(name)")
        }
        for name in ["i64", "i32", "i16", "i8", "u8"] {
            let (shape, values) = try file.int64(name)
            #expect(shape == [2, 3])
            #expect(values == [0, 1, 2, 3, 4, 5], "\(name)")
        }
        #expect(try file.int64("bool").values == [0, 1, 0])
        #expect(try file.int64("scalar") == (shape: [], values: [-9_000_000_000]))
        #expect(try file.float32("empty") == (shape: [0, 5], values: []))
        #expect(try file.float32("quoted \"ä\n").values == [1.5])
        #expect(file.metadata["note"] == "a \"quoted\" \\ line\n€ 😀")
        #expect(file.tensors.count == 13)
    }

    @Test(.enabled(if: canImportSafetensors, "set AAM_PYTHON to a Python with numpy and safetensors"))
    func pythonReadsWhatSwiftWrote() throws {
        let folder = try TemporaryFolder()
        let path = folder("swift.safetensors")
        try SafetensorsFile(
            metadata: ["model": "resnet18", "note": "tab\t\"€\""],
            tensors: [
                SafetensorsTensor(name: "b", elementType: .bool, shape: [1], bytes: [1]),
                SafetensorsTensor(name: "w", shape: [2, 2], float32: [1, -2, 0.5, 0x1p-140]),
                SafetensorsTensor(name: "n", shape: [], int64: [-5]),
                SafetensorsTensor(name: "e", shape: [0], float64: []),
            ]
        ).write(path)
        let (status, output) = Self.python(
            """
            import sys, numpy
            from safetensors import safe_open
            with safe_open(sys.argv[1], framework="np") as f:
                assert f.metadata() == {"model": "resnet18", "note": 'tab\\t"€"'}, f.metadata()
                t = {k: f.get_tensor(k) for k in f.keys()}
            assert sorted(t) == ["b", "e", "n", "w"], t
            assert t["w"].dtype == numpy.float32 and t["w"].tolist() == [[1, -2], [0.5, float(numpy.float32(2.0**-140))]], t
            assert t["n"].shape == () and t["n"].dtype == numpy.int64 and t["n"] == -5, t
            assert t["e"].shape == (0,) and t["e"].dtype == numpy.float64, t
            assert t["b"].tolist() == [True], t
            """, [path])
        #expect(status == 0, "\(output)")
    }
}
