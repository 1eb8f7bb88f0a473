import Collectives
import Datasets
import Foundation

/// The data set as every rank reads it: whether it is the same, and whether images can be read.
public struct DataCheck: Check {
    public struct Observation: Codable, Sendable {
        let fingerprint: DatasetFingerprint
        /// Seconds to read the annotations, and to read and decode the first image.
        let annotations, firstImage: Double
        /// Listed images that are not there, and the first of them.
        let missing: Int
        let firstMissing: String?
        /// The errors of images that could not be read, of the few that were.
        let unreadable: [String]
    }

    public let name = "data set"
    public let scope = CheckScope.rank
    private let folder: String
    private let format: DatasetFormat
    private let options: DatasetOptions
    /// Images that a rank reads.
    private static let tried = 3

    public init(folder: String, format: DatasetFormat, level: AircraftLevel) {
        self.folder = folder
        self.format = format
        options = DatasetOptions(level: level, checkingImages: false)
    }

    public func observe(at site: Site, on communicator: any Communicator) throws -> Observation {
        let started = ContinuousClock.now
        let dataset: ImageDataset
        do {
            dataset = try format.read(folder: folder, options: options)
        } catch {
            throw JobFailure(
                error, hint: "every rank must read the data set on its own host: check --data and --dataset")
        }
        let annotations = (ContinuousClock.now - started) / .seconds(1)
        let samples = DatasetFingerprint.samples(of: dataset)
        let sizes = samples.map { DatasetFingerprint.size(of: $0) }
        let missing = samples.indices.filter { sizes[$0] == nil }
        // Each rank reads others, spread over the list.
        let count = min(samples.count, Self.tried)
        let chosen = (0..<count).map { samples[(site.rank + $0 * samples.count / count) % samples.count] }
        let (seconds, errors) = try Self.read(chosen)
        return Observation(
            fingerprint: DatasetFingerprint(of: dataset, sizes: sizes), annotations: annotations,
            firstImage: seconds, missing: missing.count, firstMissing: missing.first.map { samples[$0].path },
            unreadable: errors)
    }

    /// Seconds for the first one, and the errors.
    private static func read(_ samples: [ImageSample]) throws -> (first: Double, errors: [String]) {
        let reader = try ImageReader()
        var (first, errors): (Double?, [String]) = (nil, [])
        for sample in samples where DatasetFingerprint.size(of: sample) != nil {
            let started = ContinuousClock.now
            do { _ = try reader.image(of: sample) } catch { errors.append(String(describing: error)) }
            first = first ?? (ContinuousClock.now - started) / .seconds(1)
        }
        return (first ?? 0, errors)
    }

    public func facts(in observation: Observation) -> [Fact] {
        let print = observation.fingerprint
        return [
            Fact(
                "data set",
                "\(print.name): \(print.classes) classes, \(print.images) images, \(Fact.text(bytes: print.bytes))"),
            Fact("fingerprint", "lists \(print.lists), sizes \(print.sizes)"),
            Fact("lists read in", 1000 * observation.annotations, "ms"),
            Fact("first image in", 1000 * observation.firstImage, "ms"),
        ]
    }

    public func findings(in observations: [Observed<Observation>]) -> [Finding] {
        let names = SiteNames(observations.map(\.site))
        var findings: [Finding] = []
        if let difference = Self.difference(observations) { findings.append(difference) }
        let missing = observations.filter { $0.value.missing > 0 }
        if let first = missing.first {
            let place = names.name(missing.map(\.site.rank)).map { "on \($0), " } ?? ""
            findings.append(
                Finding(
                    .problem,
                    "\(place)\(first.value.missing) of \(first.value.fingerprint.images) listed images are not there, "
                        + "the first of them \(first.value.firstMissing ?? "")",
                    hint: "unpack the archive again, or copy the folder anew"))
        }
        let unreadable = observations.filter { !$0.value.unreadable.isEmpty }
        if let first = unreadable.first {
            let place = names.name(unreadable.map(\.site.rank)).map { "on \($0), " } ?? ""
            findings.append(
                Finding(
                    .problem, "\(place)images cannot be read: \(first.value.unreadable[0])",
                    hint: "aam inspect reads every image and lists the bad ones"))
        }
        return findings
    }

    private static func difference(_ observations: [Observed<Observation>]) -> Finding? {
        let differences = Differences(observations)
        func counts(_ value: Observation) -> String {
            "\(value.fingerprint.classes) classes and \(value.fingerprint.images) images"
        }
        let hint = "copy one folder to all hosts (rsync -a --delete), or put it where all see it"
        if let text = differences.text(counts) {
            return Finding(.problem, "the ranks have different data sets: \(text)", hint: hint)
        }
        if let text = differences.text({ "lists \($0.fingerprint.lists)" }) {
            return Finding(.problem, "the ranks' lists of images, labels or classes differ: \(text)", hint: hint)
        }
        if let text = differences.text({ "sizes \($0.fingerprint.sizes)" }) {
            return Finding(
                .problem, "the ranks' lists are the same, but image files have different sizes: \(text)", hint: hint)
        }
        return nil
    }
}
