import Foundation

/// An image file to read, as a user named it or as it was found in a folder that a user named; or why there is none.
public struct ImageInput: Hashable, Sendable {
    /// The file, or a folder that has nothing to read.
    public let path: String
    /// Why a folder has nothing to read; nil for a file, which may prove unreadable later.
    public let problem: String?

    /// A file, or a folder and its problem.
    public init(path: String, problem: String? = nil) {
        self.path = path
        self.problem = problem
    }

    /// Each path as it is if it is no folder, else all images in the folder and in those inside it, sorted by name. Hidden
    /// files are left out there, and files that neither are named like an image (.jpg, .jpeg, .png) nor begin like one.
    public static func inputs(_ paths: [String]) -> [ImageInput] {
        paths.flatMap { path in
            guard isFolder(path) else { return [ImageInput(path: path)] }
            var visited: Set<String> = []
            let found = images(in: path, visited: &visited)
            return found.isEmpty ? [ImageInput(path: path, problem: "\(path): no images in this folder")] : found
        }
    }

    private static func images(in folder: String, visited: inout Set<String>) -> [ImageInput] {
        // Links may lead back to a folder above.
        guard visited.insert(URL(filePath: folder).resolvingSymlinksInPath().path).inserted else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            return [ImageInput(path: folder, problem: "\(folder): cannot list the folder: \(systemReason(of: error))")]
        }
        let separator = folder.hasSuffix("/") ? "" : "/"
        return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name in
            let path = folder + separator + name
            if isFolder(path) { return images(in: path, visited: &visited) }
            return looksLikeImage(path) ? [ImageInput(path: path)] : []
        }
    }

    private static func looksLikeImage(_ path: String) -> Bool {
        if ["jpg", "jpeg", "png"].contains((path as NSString).pathExtension.lowercased()) { return true }
        guard let start = try? readFile(path, limit: 16) else { return false }
        return FileSignature.format(of: start) != nil
    }
}
