/// Work that every rank does failed on at least one of them. Thrown by all ranks alike, for the lowest failing rank.
public struct RankFailure: AgreedFailure, ExplainedError, Equatable {
    /// The lowest rank that failed.
    public let rank: Int
    /// That rank's host.
    public let host: String
    /// What all ranks were doing, e.g. "reading the labels".
    public let what: String
    /// That rank's error.
    public let message: String
    public let place: String?
    public let hint: String?
    public let exitCode: Int32

    public var description: String { "\(what) failed on rank \(rank) (\(host)): \(message)" }
}

/// Values that must be the same on all ranks are not. Thrown by all ranks alike.
public struct DivergenceFailure: AgreedFailure, ExplainedError, Equatable {
    /// The lowest rank that differs from rank 0, which reports the failure.
    public let rank: Int
    /// That rank's host.
    public let host: String
    public let description: String
    public var hint: String? {
        "the ranks must run the same executable and libraries on processors of the same kind, from the same files"
    }
}

extension Communicator {
    /// Runs `body` on all ranks; returns its result if it succeeded on all of them.
    ///
    /// `body` should do no collectives that depend on it having got so far: a rank that fails leaves it early. A
    /// nested `agreeing` is fine. Costs one small allreduce when nothing fails.
    /// - Throws: the same `RankFailure` on every rank if any failed; the error itself if the communicator is broken.
    public func agreeing<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try body())
        } catch let error as any AgreedFailure {
            throw error
        } catch let error as any CommunicationFailure {
            throw error
        } catch {
            outcome = .failure(error)
        }
        var failing = Int64(size)
        if case .failure = outcome { failing = Int64(rank) }
        let lowest = Int(try allreduce(failing, .min))
        if lowest == size { return try outcome.get() }
        var mine: [String] = []
        if lowest == rank, case .failure(let error) = outcome {
            let failure = JobFailure(error)
            mine = [host, failure.description, failure.place ?? "", failure.hint ?? "", String(failure.exitCode)]
        }
        let fields = try broadcast(mine, from: lowest)
        throw RankFailure(
            rank: lowest, host: fields[0], what: what, message: fields[1],
            place: fields[2].isEmpty ? nil : fields[2], hint: fields[3].isEmpty ? nil : fields[3],
            exitCode: Int32(fields[4]) ?? 1)
    }

    /// Checks that `checksum` is the same on all ranks. Costs one small allreduce when it is.
    /// - Parameters:
    ///   - what: What the checksum is of, e.g. "the weights after step 10".
    ///   - checksum: This rank's.
    /// - Throws: `DivergenceFailure` on every rank, naming the ranks and hosts whose checksum is not that of rank 0.
    public func verifyEqual(_ what: String, checksum: UInt64) throws {
        let mine = Int64(bitPattern: checksum)
        // max(~x) is ~min(x): one allreduce yields both bounds.
        var bounds = [mine, ~mine]
        try allreduce(&bounds, .max)
        if bounds[0] == ~bounds[1] { return }
        let checksums = try gather([mine], to: 0).map { $0[0] }
        let hosts = try gather(host, to: 0)
        var report: [String] = []
        if let expected = checksums.first {
            let differing = checksums.indices.filter { checksums[$0] != expected }
            let list = differing.map { "rank \($0) (\(hosts[$0])) has \(hexadecimal(checksums[$0]))" }
            report = [
                String(differing[0]), hosts[differing[0]],
                "\(what) should be the same on all ranks, but rank 0 (\(hosts[0])) has checksum "
                    + "\(hexadecimal(expected)) and \(list.joined(separator: ", "))",
            ]
        }
        report = try broadcast(report, from: 0)
        throw DivergenceFailure(rank: Int(report[0]) ?? 0, host: report[1], description: report[2])
    }
}

private func hexadecimal(_ checksum: Int64) -> String {
    let digits = String(UInt64(bitPattern: checksum), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
