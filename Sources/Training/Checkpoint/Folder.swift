import Foundation
import Safetensors

/// Folders by system calls, because Foundation's errors do not tell the system's reason.
package enum Folder {
    /// The names in a folder, hidden ones too, in no order; nil if it does not exist.
    static func names(in path: String) throws(FileError) -> [String]? {
        guard let stream = opendir(path) else {
            let code = errno
            if code == ENOENT { return nil }
            throw FileError(operation: "list", path: path, code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError(operation: "list", path: path, code: errno) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Creates a folder and those it is in, where they do not exist.
    package static func create(_ path: String) throws(FileError) {
        do throws(FileError) {
            try systemCall("create folder", path) { mkdir(path, 0o777) }
        } catch {
            switch error.code {
            case EEXIST where isFolder(path):
                return
            case ENOENT:
                let parent = URL(filePath: path).deletingLastPathComponent().path
                // One that is there and takes none all the same has been removed from its place, or is none for files.
                if isFolder(parent) { throw error }
                try create(parent)
                try create(path)
            default:
                throw error
            }
        }
    }

    /// Removes a folder and everything in it; links are removed, not followed.
    static func remove(_ path: String) throws(FileError) {
        for name in try names(in: path) ?? [] {
            let item = "\(path)/\(name)"
            if isFolder(item, followingLinks: false) {
                try remove(item)
            } else {
                try systemCall("remove", item) { unlink(item) }
            }
        }
        try systemCall("remove", path) { rmdir(path) }
    }

    private static func isFolder(_ path: String, followingLinks: Bool = true) -> Bool {
        var status = stat()
        let result = followingLinks ? stat(path, &status) : lstat(path, &status)
        return result == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
