import Foundation

/// Where and with what a run was started, or went on: a line of its `environment.jsonl`.
public struct RunEnvironment: Codable, Hashable, Sendable {
    public struct Host: Codable, Hashable, Sendable {
        public var name: String
        /// That compute on it.
        public let ranks: Int
        /// That each of them computes with.
        public let threads: Int
        public let processor: String
        public let sockets, cores, hardwareThreads: Int
        /// Bytes.
        public let memory: Int

        public init(
            name: String, ranks: Int, threads: Int, processor: String, sockets: Int, cores: Int, hardwareThreads: Int,
            memory: Int
        ) {
            self.name = name
            self.ranks = ranks
            self.threads = threads
            self.processor = processor
            self.sockets = sockets
            self.cores = cores
            self.hardwareThreads = hardwareThreads
            self.memory = memory
        }
    }

    /// A program, a library or the system.
    public struct Software: Codable, Hashable, Sendable {
        public let name, version: String

        public init(_ name: String, _ version: String) {
            self.name = name
            self.version = version
        }
    }

    public let start: Date
    /// Steps done before.
    public var step = 0
    /// What started the ranks, as in `mpirun, 4 ranks`.
    public let launcher: String
    public let hosts: [Host]
    /// Rank 0's.
    public let software: [Software]

    public init(start: Date, launcher: String, hosts: [Host], software: [Software]) {
        self.start = start
        self.launcher = launcher
        self.hosts = hosts
        self.software = software
    }

    public var ranks: Int { hosts.reduce(0) { $0 + $1.ranks } }
}

extension RunEnvironment {
    private static let fileName = "environment.jsonl"

    /// Adds it to those of a run folder; that of a run's beginning replaces them.
    /// - Throws: `ReportError`.
    public func write(to folder: String) throws {
        let path = "\(folder)/\(Self.fileName)"
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("an environment has only texts and numbers")
        }
        let line = String(decoding: data, as: UTF8.self) + "\n"
        if step == 0 { return try TextFile.replace(path, with: line) }
        try TextFile(appendingTo: path, waitingForRoom: true).append(line)
    }

    /// Those of a run folder in their order; none of a run of an earlier version. What is no such line is left out.
    /// - Throws: `ReportError`.
    public static func read(from folder: String) throws -> [RunEnvironment] {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try (TextFile.contents(of: "\(folder)/\(fileName)") ?? "").split(separator: "\n").compactMap { line in
            try? decoder.decode(RunEnvironment.self, from: Data(line.utf8))
        }
    }
}
