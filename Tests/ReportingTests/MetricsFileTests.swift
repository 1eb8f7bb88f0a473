import Foundation
import Reporting
import TestSupport
import Testing

struct MetricsFileTests {
    private let header =
        "kind,epoch,step,loss,learning_rate,images,seconds,images_per_second,data_wait_seconds,top1,top5,skipped,"
        + "cross_entropy,forward_seconds,backward_seconds,optimizer_seconds,communication_seconds\n"
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("metrics.csv")
    }

    private func write(steps: [Int], continuingAfter step: Int = 0) throws {
        let file = try MetricsFile(path: path, continuingAfter: step)
        for step in steps { try file.append(stepRecord(step)) }
    }

    private func steps() throws -> [String] {
        try text(of: path).split(separator: "\n").dropFirst().map { String($0.split(separator: ",")[2]) }
    }

    @Test func rowsHaveTheHeadersColumnsAndCountEpochsFromOne() throws {
        let file = try MetricsFile(path: path, continuingAfter: 0)
        try file.append(stepRecord(38))
        try file.append(validationRecord(step: 74, skipped: 2))
        #expect(
            try text(of: path) == header + """
                step,2,38,0.125,0.012345678,8,0.5000,16.00,0.0500,,,,0.125,0.1250,0.2500,0.0625,0.0000
                validation,2,74,1.25,,8,0.2500,32.00,,0.625,0.875,2,,,,,

                """)
    }

    @Test func numbersReadBackExactly() throws {
        let loss = 1.7301566858637054
        let file = try MetricsFile(path: path, continuingAfter: 0)
        try file.append(stepRecord(38, loss: loss))
        let fields = try text(of: path).split(separator: "\n")[1].split(
            separator: ",", omittingEmptySubsequences: false)
        #expect(Double(fields[3]) == loss)
        #expect(Double(fields[4]) == 0.012345678)
    }

    @Test func eachRowIsInTheFileAtOnce() throws {
        let file = try MetricsFile(path: path, continuingAfter: 0)
        #expect(try text(of: path) == header)
        try file.append(stepRecord(38))
        #expect(try text(of: path).hasSuffix("0.0500,,,,0.125,0.1250,0.2500,0.0625,0.0000\n"))
        try file.append(stepRecord(39))
        #expect(try steps() == ["38", "39"])
    }

    @Test func runOfAVersionWithoutTimesGoesOnWithEmptyOnes() throws {
        let columns = header.split(separator: ",").prefix(13).joined(separator: ",")
        try "\(columns)\nstep,2,38,0.5,0.1,8,0.5000,16.00,0.0500,,,,0.5\n".write(
            toFile: path, atomically: true, encoding: .utf8)
        try write(steps: [39], continuingAfter: 38)
        let lines = try text(of: path).split(separator: "\n")
        #expect(lines[1] == "step,2,38,0.5,0.1,8,0.5000,16.00,0.0500,,,,0.5,,,,")
        #expect(try steps() == ["38", "39"])
    }

    @Test func continuingRemovesTheRowsOfTheAttemptThatHadComeFurther() throws {
        try write(steps: [38, 39, 40, 41])
        let before = try text(of: path)
        try write(steps: [40, 41, 42], continuingAfter: 39)
        #expect(try steps() == ["38", "39", "40", "41", "42"])
        #expect(try text(of: path).hasPrefix(before))
    }

    @Test func continuingKeepsTheValidationAtTheSameStep() throws {
        let file = try MetricsFile(path: path, continuingAfter: 0)
        try file.append(stepRecord(74))
        try file.append(validationRecord(step: 74))
        try file.append(validationRecord(step: 111, epoch: 2))
        _ = try MetricsFile(path: path, continuingAfter: 74)
        #expect(
            try text(of: path) == header + """
                step,2,74,0.125,0.012345678,8,0.5000,16.00,0.0500,,,,0.125,0.1250,0.2500,0.0625,0.0000
                validation,2,74,1.25,,8,0.2500,32.00,,0.625,0.875,0,,,,,

                """)
    }

    @Test func continuingWithTheValidationOfTheSameStepRemovesItsRow() throws {
        let file = try MetricsFile(path: path, continuingAfter: 0)
        try file.append(validationRecord(step: 37))
        try file.append(stepRecord(74))
        let before = try text(of: path)
        try file.append(validationRecord(step: 74))
        _ = try MetricsFile(path: path, continuingAfter: 74, validating: true)
        #expect(try text(of: path) == before)
    }

    /// The last digits may be missing from a row of all its columns.
    @Test func continuingDropsARowWithoutItsEnd() throws {
        try write(steps: [38, 39])
        let whole = try text(of: path)
        try String(whole.dropLast(2)).write(toFile: path, atomically: false, encoding: .utf8)
        try write(steps: [], continuingAfter: 39)
        #expect(try steps() == ["38"])
    }

    @Test func continuingDropsARowThatWasCutShort() throws {
        try write(steps: [38, 39])
        let whole = try text(of: path)
        try String(whole.dropLast(20)).write(toFile: path, atomically: false, encoding: .utf8)
        try write(steps: [39], continuingAfter: 38)
        #expect(try text(of: path) == whole)
    }

    @Test func newRunStartsWithTheHeaderAlone() throws {
        try write(steps: [38, 39])
        try write(steps: [])
        #expect(try text(of: path) == header)
    }

    @Test func continuingWithoutAFileStartsOne() throws {
        try write(steps: [40], continuingAfter: 39)
        #expect(try text(of: path).hasPrefix(header))
        #expect(try steps() == ["40"])
    }

    @Test func fileThatCannotBeMadeIsNamedWithTheSystemsReason() throws {
        let below = folder("file/metrics.csv")
        try Data().write(to: URL(filePath: folder("file")))
        let error = #expect(throws: ReportError.self) { try MetricsFile(path: below, continuingAfter: 0) }
        #expect(error?.description == "cannot write \(below): Not a directory")
        #expect(error?.hint == "check the path, its permissions and the space on its disk")
    }

    @Test func fileThatCannotBeReadIsNotTakenForNone() throws {
        // A folder of that name: there, but without rows to keep.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let error = #expect(throws: ReportError.self) { try MetricsFile(path: path, continuingAfter: 3) }
        #expect(error?.description == "cannot read \(path): Is a directory")
    }
}
