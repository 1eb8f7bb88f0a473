import Datasets
import Foundation
import Safetensors
import Tensors

/// What is fed with damaged files.
enum FuzzTarget: String, CaseIterable {
    case cub, aircraft, cars, dogs, matlab, jpeg, png, safetensors

    /// Makes the files that surround the damaged one.
    func subject(in folder: String) throws -> FuzzSubject {
        switch self {
        case .cub: try .annotations(.cub, in: folder)
        case .aircraft: try .annotations(.aircraft, in: folder)
        case .cars: try .cars(in: folder)
        case .dogs: try .annotations(.dogs, in: folder)
        case .matlab: try .matlab(in: folder)
        case .jpeg: try .images(ofKind: "jpg", in: folder)
        case .png: try .images(ofKind: "png", in: folder)
        case .safetensors: try .safetensors(in: folder)
        }
    }
}

/// A reader, what it reads when all is well, and where it expects the file.
struct FuzzSubject {
    let seeds: [[UInt8]]
    var tokens: [[UInt8]] = []
    let path: String
    /// Makes checksums right again, so that the damage gets past them.
    var repair: ([UInt8], inout Mutator) -> [UInt8] = { bytes, _ in bytes }
    /// Reads the file or its bytes, which were the seed of the given number.
    let read: (_ input: [UInt8], _ seed: Int) throws -> Void
}

/// Files made for the tests.
private let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

extension FuzzSubject {
    static func matlab(in folder: String) throws -> FuzzSubject {
        let seeds = try ["kinds-plain.mat", "small.mat", "kinds.mat"].map { name in
            [UInt8](try Data(contentsOf: fixtures.appending(path: "matlab/\(name)")))
        }
        let path = "\(folder)/input"
        let variables = [
            "annotations", "class_names", "file_list", "labels", "int8", "uint64", "logical", "text", "lines", "cube",
            "sparse", "complex", "words", "utf16",
        ]
        return FuzzSubject(
            seeds: seeds, path: path,
            repair: compressing,
            read: { _, _ in
                let file = try MATFile(path: path)
                var wasRead = false
                for name in variables where (try? file.variable(name)) != nil { wasRead = true }
                if !wasRead { throw FuzzError("no variable") }
            })
    }

    /// Compresses every other MATLAB file's variables.
    static func compressing(_ bytes: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
        guard bytes.starts(with: "MATLAB".utf8), mutator.generator.index(below: 2) == 0 else { return bytes }
        return FileRepair.compressedVariables(of: bytes)
    }

    static func images(ofKind kind: String, in folder: String) throws -> FuzzSubject {
        let images = fixtures.appending(path: "images")
        let names = try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()
        let seeds = try names.filter { $0.hasSuffix(".\(kind)") }.map { name in
            [UInt8](try Data(contentsOf: images.appending(path: name)))
        }
        let reader = try ImageReader()
        let path = "\(folder)/input"
        let sample = ImageSample(path: path, relativePath: path, label: 0, officialID: 1, creditRows: 20)
        return FuzzSubject(
            seeds: seeds, path: path,
            repair: { bytes, mutator in
                // Now and then the checksums themselves are wrong.
                kind == "png" && mutator.generator.index(below: 8) > 0 ? FileRepair.checksums(ofPNG: bytes) : bytes
            },
            read: { input, _ in
                _ = try? reader.size(of: sample)
                _ = try reader.decode(input, path: path)
            })
    }

    static func safetensors(in folder: String) throws -> FuzzSubject {
        let seed = [UInt8](try Data(contentsOf: fixtures.appending(path: "safetensors/python.safetensors")))
        let path = "\(folder)/input"
        let tokens = ["\"", "{", "}", "[", ",", ":", "\\u", "-1", "1e9", "F32", "18446744073709551616", "null", "[[[["]
        return FuzzSubject(seeds: [seed], tokens: tokens.map { Array($0.utf8) }, path: path) { _, _ in
            _ = try SafetensorsFile.read(path)
        }
    }
}
