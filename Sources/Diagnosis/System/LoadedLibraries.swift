import Foundation
import Training

/// The shared libraries that this process computes and communicates with.
package struct LoadedLibraries {
    /// What their files' names begin with.
    private static let names = [
        "libmpi.so", "libdnnl.so", "libopenblas", "libblas.so", "libturbojpeg.so", "libspng.so", "libmatio.so",
        "libswiftCore.so", "libc.so",
    ]

    /// The files' paths, links resolved, by the beginnings of their names.
    package let paths: [String: String]

    /// - Parameter maps: the text of `/proc/self/maps`, which has the paths of the files themselves.
    package init(maps: String) {
        var paths: [String: String] = [:]
        for line in maps.split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = line[slash...]
            let file = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
            guard let name = Self.names.first(where: { file.hasPrefix($0) || file.hasPrefix(Self.bare($0) + "-") })
            else { continue }
            paths[name] = paths[name] ?? String(path)
        }
        self.paths = paths
    }

    static func current() -> LoadedLibraries {
        LoadedLibraries(maps: (try? KernelFile.text("/proc/self/maps")) ?? "")
    }

    /// The file of the library whose name begins so, without its folder.
    func file(_ name: String) -> String? { paths[name].map { URL(filePath: $0).lastPathComponent } }

    /// `libdnnl` of `libdnnl.so`: some systems put the version there, as in `libc-2.31.so`.
    private static func bare(_ name: String) -> String { String(name.prefix { $0 != "." }) }
}

/// A checksum of a file's content.
func checksum(ofFile path: String) throws -> UInt64 {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    var hash = XXHash64()
    while let piece = try file.read(upToCount: 4 << 20), !piece.isEmpty { hash.update(Array(piece)) }
    return hash.finish()
}

func hexadecimal(_ checksum: UInt64) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
