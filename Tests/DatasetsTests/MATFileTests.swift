import Datasets
import Foundation
import Testing

private let matlab = projectRoot.appending(path: "Tests/Fixtures/matlab")

@Suite struct MATFileTests {
    private func array(_ name: String, in file: String) throws -> MATArray {
        try MATFile(path: matlab.appending(path: file).path).variable(name).array
    }

    @Test(arguments: ["kinds.mat", "kinds-plain.mat"]) func arraysAreReadAsSciPyWroteThem(file: String) throws {
        let numbers: [(String, [Double])] = [
            ("labels", [1, 2, -3.5]), ("int8", [-5]), ("uint8", [200, 7]), ("int16", [-300]), ("uint16", [60000]),
            ("int32", [-70000]), ("uint32", [4e9]), ("int64", [-5e9]), ("uint64", [5e9]), ("single", [0.5]),
            ("logical", [1, 0]), ("empty", []),
        ]
        for (name, values) in numbers { #expect(try array(name, in: file) == .numbers(values), "\(name)") }
        #expect(try array("text", in: file) == .text("plain"))
        #expect(try array("no_text", in: file) == .text(""))
        #expect(
            try array("class_names", in: file)
                == .cells([.text("Audi A4"), .text("Škoda Fabia"), .text("VW")], isColumn: false))
        #expect(try array("file_list", in: file) == .cells([.text("a/1.jpg"), .text("b/2.jpg")], isColumn: true))
        #expect(
            try array("annotations", in: file)
                == .structs(
                    fields: ["box", "fname"],
                    records: (0..<3).map { [.numbers([Double(10 * $0)]), .text("0000\($0).jpg")] }))
    }

    @Test func whatAnnotationsDoNotUseIsNamed() throws {
        for (name, words) in [
            ("lines", "a text of 2 rows"), ("complex", "complex"), ("cube", "an array of 3 dimensions"),
            ("sparse", "of a class that is neither numbers, text, cells nor structs"),
        ] {
            #expect(try array(name, in: "kinds.mat") == .other(words))
        }
    }

    /// MATLAB stores the numbers of an array in the smallest type that holds them.
    @Test func numbersInSmallerStorageAreRead() throws {
        #expect(try array("byte", in: "small.mat") == .numbers([42]))
        #expect(try array("words", in: "small.mat") == .numbers([-1, 300, 32000]))
        #expect(try array("utf16", in: "small.mat") == .text("Šuš!"))
        #expect(try array("uint16", in: "small.mat") == .text("abc"))
    }

    @Test func writtenVariablesComeBack() throws {
        let folder = try TemporaryFolder()
        let variables: [(name: String, array: MATArray)] = [
            ("numbers", .numbers([1, -2.5, 3])), ("name", .text("Škoda")),
            ("cells", .cells([.text("a"), .numbers([4])], isColumn: true)),
            ("row", .cells([.text("a"), .text("b")], isColumn: false)),
            (
                "structs",
                .structs(fields: ["a", "b"], records: [[.text("x"), .numbers([1])], [.text("y"), .numbers([2])]])
            ),
            ("none", .structs(fields: ["a"], records: [])), ("nothing", .cells([], isColumn: false)),
        ]
        for name in ["a.mat", "b.mat"] { try MATWriter.write(variables, to: "\(folder.path)/\(name)") }
        let file = try MATFile(path: "\(folder.path)/a.mat")
        for (name, array) in variables { #expect(try file.variable(name).array == array, "\(name)") }
        let (a, b) = (
            try Data(contentsOf: URL(filePath: "\(folder.path)/a.mat")),
            try Data(contentsOf: URL(filePath: "\(folder.path)/b.mat"))
        )
        #expect(a == b, "the same variables give the same bytes")
    }

    @Test func otherFilesAreNamed() throws {
        let folder = try TemporaryFolder()
        let cases: [(content: [UInt8], reason: String)] = [
            ([], "it is not a MATLAB 5 file but an empty file; fetch it again"),
            (Array("<html>not found".utf8), "it is not a MATLAB 5 file but a web page (HTML); fetch it again"),
            (Array("MATLAB 7.3 MAT-file".utf8), "it is a MATLAB 7.3 file; save it again in MATLAB with -v7"),
            (Array("MATLAB 5.0".utf8), "it is not a MATLAB 5 file but text; fetch it again"),
        ]
        for (content, reason) in cases {
            let path = try folder.write(content, to: "x.mat")
            #expect(errorDescription { _ = try MATFile(path: path) } == "\(path): cannot read the file: \(reason)")
        }
        #expect(
            errorDescription { _ = try MATFile(path: "/nowhere/x.mat") }
                == "/nowhere/x.mat: cannot read the file: No such file or directory")
        let path = matlab.appending(path: "kinds.mat").path
        #expect(
            errorDescription { _ = try MATFile(path: path).variable("cars") }
                == "\(path): cars is not in the file; expected it beside annotations, class_names, file_list, labels,"
                + " int8, uint8, int16, uint16, int32, uint32, int64, uint64, single, logical, empty, text, no_text, lines,"
                + " complex, cube, sparse; fetch the file again")
    }

    @Test func truncationIsAnErrorWhereverItFalls() throws {
        let folder = try TemporaryFolder()
        for file in ["kinds.mat", "kinds-plain.mat", "small.mat"] {
            let whole = try Data(contentsOf: matlab.appending(path: file))
            for length in 0..<whole.count {
                let path = try folder.write(whole.prefix(length), to: "cut.mat")
                #expect(throws: DatasetError.self, "\(length) of \(whole.count) bytes") {
                    _ = try MATFile(path: path).variable(file == "small.mat" ? "uint16" : "sparse")
                }
            }
        }
    }
}
