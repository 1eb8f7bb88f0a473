/// What is wrong with a safetensors file, and where.
public struct SafetensorsError: Error, Hashable, CustomStringConvertible {
    /// The file, or nil for one that was made in memory.
    public let path: String?
    /// The tensor concerned, if it is one in particular.
    public let tensor: String?
    /// What is wrong.
    public let problem: Problem

    /// The kinds of faults; offsets and sizes are in bytes.
    public enum Problem: Hashable, Sendable {
        /// The file is too short for the eight bytes of the header's length.
        case noHeader(fileSize: Int)
        /// The header is announced as longer than any real one.
        case headerTooLarge(UInt64, limit: Int)
        /// The header is announced as longer than the file.
        case headerBeyondFile(UInt64, fileSize: Int)
        /// The header is not the JSON that the format demands.
        case invalidJSON(String, offset: Int)
        /// A type that the format does not have.
        case unknownElementType(String)
        /// The header names the tensor twice.
        case duplicateTensor
        /// The tensor ends before it begins.
        case offsetsReversed(begin: Int, end: Int)
        /// The tensor ends after the data.
        case offsetsBeyondFile(end: Int, dataSize: Int)
        /// The tensor has more or fewer bytes than its shape and type demand.
        case sizeMismatch(shape: [Int], elementType: ElementType, byteCount: Int)
        /// The tensor shares bytes with another.
        case overlap(with: String)
        /// Bytes between tensors belong to none.
        case gap(from: Int, to: Int)
        /// Bytes after the last tensor.
        case trailingBytes(Int)
        /// The file became shorter meanwhile.
        case changedWhileReading
        /// The file does not have the tensor; these are there.
        case missingTensor(present: [String])
        /// The tensor has another type than is needed.
        case wrongElementType(ElementType, wanted: String)
    }

    public var description: String {
        let subject = path ?? "a safetensors file in memory"
        let place = tensor.map { "\(subject), tensor '\($0)'" } ?? subject
        return "\(place): \(problem.sentence)"
    }
}

extension SafetensorsError.Problem {
    fileprivate var sentence: String {
        switch self {
        case .noHeader(let size):
            "the file has \(size) bytes, fewer than a safetensors header; \(Self.advice)"
        case .headerTooLarge(let length, let limit):
            "the header would be \(length) bytes, more than the allowed \(limit), so this is not a safetensors file; "
                + "check the path"
        case .headerBeyondFile(let length, let size):
            "the header would be \(length) bytes, but the file has only \(size); \(Self.advice)"
        case .invalidJSON(let complaint, let offset):
            "the header is not valid at its byte \(offset): \(complaint); \(Self.advice)"
        case .unknownElementType(let name):
            "the element type '\(name)' is not supported; convert the tensor to one of "
                + ElementType.allCases.map(\.rawValue).joined(separator: ", ")
        case .duplicateTensor:
            "the header names it twice; \(Self.rewrite)"
        case .offsetsReversed(let begin, let end):
            "its data ends at \(end), before it begins at \(begin); \(Self.rewrite)"
        case .offsetsBeyondFile(let end, let size):
            "its data ends at byte \(end), but the file has only \(size) bytes of data; \(Self.advice)"
        case .sizeMismatch(let shape, let type, let count):
            "shape \(shape) of \(type.rawValue) does not take the \(count) bytes it is given; \(Self.rewrite)"
        case .overlap(let other):
            "its data overlaps that of '\(other)'; \(Self.rewrite)"
        case .gap(let from, let to):
            "bytes \(from) to \(to) before its data belong to no tensor; \(Self.rewrite)"
        case .trailingBytes(let count):
            "\(count) bytes after the last tensor belong to no tensor; \(Self.advice)"
        case .changedWhileReading:
            "the file became shorter while it was being read; wait until its writer has finished, then try again"
        case .missingTensor(let present):
            "there is no such tensor; the file holds \(Self.list(present))"
        case .wrongElementType(let type, let wanted):
            "its elements are \(type.rawValue), not \(wanted); check that this is the right file"
        }
    }

    private static let advice = "it is damaged or was not written completely: copy or write it again"
    private static let rewrite = "the program that wrote the file broke the format: write it again with another"

    private static func list(_ names: [String]) -> String {
        if names.isEmpty { return "none at all" }
        let first = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        return names.count > 5 ? "\(names.count) tensors: \(first), …" : first
    }
}
