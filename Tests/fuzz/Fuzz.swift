import Foundation
import Tensors

struct FuzzError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Seconds after which an input hangs.
private let patience: UInt32 = 20

/// Runs the inputs and reports how many were read and how many refused.
/// - Throws: `FuzzError` if nothing can be set up. Errors of the readers are what damaged files should give.
func fuzz(_ options: FuzzOptions) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "aam-fuzz-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    FileHandle.standardError.write(Data("fuzz: if this ends early, the last input is in \(folder)\n".utf8))
    let subject = try options.target.subject(in: folder)
    let start = ContinuousClock.now
    var (read, refused) = (0, 0)
    for number in options.first..<options.first + options.iterations {
        if (ContinuousClock.now - start) / .seconds(1) > options.seconds { break }
        var mutator = Mutator(RandomGenerator(options.seed, UInt64(number)), tokens: subject.tokens)
        let (damaged, seed) = mutator.mutate(oneOf: subject.seeds)
        let input = subject.repair(damaged, &mutator)
        try write(input, to: subject.path)
        alarm(patience)
        do {
            try subject.read(input, seed)
            read += 1
        } catch {
            // Its words are made of the input, too.
            precondition(!String(describing: error).isEmpty, "an error without words")
            refused += 1
        }
        alarm(0)
    }
    try FileManager.default.removeItem(atPath: folder)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return "\(options.target.rawValue): \(read + refused) inputs, \(read) read, \(refused) refused, "
        + "\(usage.ru_maxrss / 1024) MiB at most, \(String(format: "%.1f", seconds)) s"
}

/// By system calls: this happens for every input.
private func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FuzzError("cannot write \(path)") }
    defer { close(descriptor) }
    let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count else { throw FuzzError("cannot write \(path)") }
}
