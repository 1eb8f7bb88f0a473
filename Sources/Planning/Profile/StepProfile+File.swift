import Foundation

extension StepProfile {
    private static let format = "aam profile 1"

    private struct File: Codable {
        let format: String
        let profile: StepProfile
    }

    /// The file's text.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let data = try encoder.encode(File(format: Self.format, profile: self))
            return String(decoding: data, as: UTF8.self) + "\n"
        }
    }

    /// - Parameter path: of the file with this text, for errors.
    /// - Throws: `PlanError`.
    public init(json text: String, path: String) throws {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(text.utf8))
        } catch {
            throw PlanError.notAProfile(path: path, problem: problem(with: error))
        }
        guard file.format == Self.format else {
            throw PlanError.notAProfile(path: path, problem: "its format is '\(file.format)', not '\(Self.format)'")
        }
        try file.profile.check(path)
        self = file.profile
    }

    /// - Throws: `PlanError.notAProfile` if no step can be made of it.
    func check(_ path: String) throws {
        func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
            if !condition { throw PlanError.notAProfile(path: path, problem: problem()) }
        }
        for (name, count) in [
            ("ranksPerNode", ranksPerNode), ("threads", threads), ("processors", processors),
            ("gradientBytes", gradientBytes),
        ] { try require(count > 0, "\(name) is \(count)") }
        let costs = [sums.nodeCall, sums.nodeByte, sums.add, sums.encode, sums.addEncoded, sums.decode]
        for seconds in costs + [optimizer, dataWait] {
            try require(seconds >= 0 && seconds.isFinite, "a time is \(seconds) s")
        }
        try require(!computations.isEmpty, "no computation was measured")
        for (index, computation) in computations.enumerated() {
            let name = "the computation on \(computation.images) images"
            try require(computation.images > 0, "\(name) is of none")
            try require(
                index == 0 || computation.images > computations[index - 1].images, "\(name) is not after a smaller one")
            try require(computation.forward > 0 && computation.forward.isFinite, "\(name) has no forward")
            let bytes = computation.backward.map(\.bytes)
            try require(bytes.last == gradientBytes, "\(name) does not complete all gradients")
            try require(bytes == computations[0].backward.map(\.bytes), "\(name) completes gradients at other places")
            let times = computation.backward.map(\.seconds)
            try require(
                zip(bytes, bytes.dropFirst()).allSatisfy(<=) && zip(times, times.dropFirst()).allSatisfy(<=)
                    && times.allSatisfy { $0 >= 0 && $0.isFinite }, "\(name) has a backward that does not go on")
        }
    }
}

/// What a decoder dislikes, in words that name the place.
func problem(with error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    guard let error = error as? DecodingError else { return error.localizedDescription }
    switch error {
    case .keyNotFound(let key, let context): return "there is no \(place(context.codingPath + [key]))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        return "\(place(context.codingPath)) is something else"
    case .dataCorrupted(let context):
        return context.codingPath.isEmpty
            ? "it is not JSON" : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: return error.localizedDescription
    }
}
