import Foundation
import Testing

/// `metrics.csv` of a run folder.
struct Metrics {
    struct Step {
        let epoch, step, images: Int
        let loss, learningRate, seconds, imagesPerSecond, dataWaitSeconds: Double
        /// Forward, backward, optimizer, communication.
        let times: [Double]
    }

    struct Validation: Hashable {
        let epoch, step, images, skipped: Int
        let loss, top1, top5: Double
    }

    static let header =
        "kind,epoch,step,loss,learning_rate,images,seconds,images_per_second,data_wait_seconds,top1,top5,skipped,cross_entropy"
        + ",forward_seconds,backward_seconds,optimizer_seconds,communication_seconds"

    private(set) var steps: [Step] = []
    private(set) var validations: [Validation] = []
    /// `step` and `validation`, in the file's order.
    let kinds: [String]

    init(_ folder: String) throws {
        let text = try text(of: "\(folder)/metrics.csv")
        try #require(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n")
        try #require(lines[0] == Self.header)
        let rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        kinds = rows.map { $0[0] }
        for row in rows {
            try #require(row.count == 17)
            func integer(_ column: Int) throws -> Int { try #require(Int(row[column]), "\(row)") }
            func number(_ column: Int) throws -> Double { try #require(Double(row[column]), "\(row)") }
            if row[0] == "step" {
                #expect(row[9..<12] == ["", "", ""])
                // The losses of these runs are cross-entropy alone.
                #expect(row[12] == row[3])
                steps.append(
                    Step(
                        epoch: try integer(1), step: try integer(2), images: try integer(5), loss: try number(3),
                        learningRate: try number(4), seconds: try number(6), imagesPerSecond: try number(7),
                        dataWaitSeconds: try number(8), times: try (13..<17).map(number)))
            } else {
                #expect([row[4], row[8]] + row[12...] == Array(repeating: "", count: 7))
                validations.append(
                    Validation(
                        epoch: try integer(1), step: try integer(2), images: try integer(5), skipped: try integer(11),
                        loss: try number(3), top1: try number(9), top5: try number(10)))
            }
        }
    }

    var losses: [Double] { steps.map(\.loss) }
}

/// `config.toml` of a run folder: keys and values as they are written there.
func configuration(of folder: String) throws -> [String: String] {
    let lines = try text(of: "\(folder)/config.toml").split(separator: "\n")
    return Dictionary(
        uniqueKeysWithValues: lines.map { line in
            let parts = line.components(separatedBy: " = ")
            return (parts[0], parts.dropFirst().joined(separator: " = "))
        })
}

/// Bit-identical parameters, statistics and momenta.
func expectSameCheckpoint(_ one: String, _ other: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for file in ["model.safetensors", "optimizer.safetensors"] {
        let same = try bytes(of: "\(one)/\(file)") == bytes(of: "\(other)/\(file)")
        #expect(same, "\(file) differs between \(one) and \(other)", sourceLocation: sourceLocation)
    }
}
