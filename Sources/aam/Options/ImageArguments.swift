import ArgumentParser
import Collectives
import Datasets
import Foundation

/// Images that a user names.
struct ImageArguments: ParsableArguments {
    @Argument(help: "Files, folders of images, and - for a list on standard input, one a line.", completion: .file())
    var images: [String] =
        []
    @Option(help: "A file that lists further files and folders, one a line; - for standard input.", completion: .file())
    var list: String?

    func validate() throws {
        if images.isEmpty, list == nil {
            throw ValidationError("Name images: files, folders, or - for a list on standard input.")
        }
        if (images + [list].compactMap { $0 }).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input can be read once: give - once.")
        }
    }

    /// All images in the order in which they were named, on every rank; rank 0 looks for them.
    /// - Throws: `RankFailure` if a list cannot be read or names nothing.
    func read(on communicator: any Communicator) throws -> [ImageInput] {
        let found = try communicator.agreeing("looking for the images") {
            communicator.rank == 0 ? try inputs() : []
        }
        let (paths, problems) = (found.map(\.path), found.map { $0.problem ?? "" })
        let all = try zip(
            communicator.broadcast(paths, from: 0), communicator.broadcast(problems, from: 0))
        return all.map { ImageInput(path: $0, problem: $1.isEmpty ? nil : $1) }
    }

    private func inputs() throws -> [ImageInput] {
        let named = try images.flatMap { $0 == "-" ? try lines(of: "-") : [$0] }
        let inputs = ImageInput.inputs(try named + (list.map(lines) ?? []))
        guard !inputs.isEmpty else {
            throw JobFailure("no images are named", hint: "check that the list has paths, one a line")
        }
        return inputs
    }

    /// What is not empty.
    private func lines(of list: String) throws -> [String] {
        let handle: FileHandle
        if list == "-" {
            handle = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: list) else {
                throw JobFailure("cannot read the list \(list)", hint: "give --list a file of paths, one a line")
            }
            handle = opened
        }
        let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }
}
